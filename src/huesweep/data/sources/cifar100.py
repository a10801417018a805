"""CIFAR-100 (Krizhevsky 2009): 60,000 pictures in a hundred classes, or in the twenty that group them."""

from typing import Literal

from pydantic.dataclasses import dataclass
from torchvision.datasets import CIFAR100

from huesweep.data.sources.cifar import CifarSource, archive_of
from huesweep.registry import CHECKS

GROUPS = {
    "aquatic_mammals": "beaver dolphin otter seal whale",
    "fish": "aquarium_fish flatfish ray shark trout",
    "flowers": "orchid poppy rose sunflower tulip",
    "food_containers": "bottle bowl can cup plate",
    "fruit_and_vegetables": "apple mushroom orange pear sweet_pepper",
    "household_electrical_devices": "clock keyboard lamp telephone television",
    "household_furniture": "bed chair couch table wardrobe",
    "insects": "bee beetle butterfly caterpillar cockroach",
    "large_carnivores": "bear leopard lion tiger wolf",
    "large_man-made_outdoor_things": "bridge castle house road skyscraper",
    "large_natural_outdoor_scenes": "cloud forest mountain plain sea",
    "large_omnivores_and_herbivores": "camel cattle chimpanzee elephant kangaroo",
    "medium_mammals": "fox porcupine possum raccoon skunk",
    "non-insect_invertebrates": "crab lobster snail spider worm",
    "people": "baby boy girl man woman",
    "reptiles": "crocodile dinosaur lizard snake turtle",
    "small_mammals": "hamster mouse rabbit shrew squirrel",
    "trees": "maple_tree oak_tree palm_tree pine_tree willow_tree",
    "vehicles_1": "bicycle bus motorcycle pickup_truck train",
    "vehicles_2": "lawn_mower rocket streetcar tank tractor",
}
COARSE = list(GROUPS)
FINE = sorted(" ".join(GROUPS.values()).split())  # labels count both in alphabetical order


@dataclass(config=CHECKS)
class Cifar100Source(CifarSource):
    """50,000 training and 10,000 test pictures. labels: `fine` or `coarse`; other options as in CifarSource."""

    name = "cifar100"
    published = CIFAR100
    archive = archive_of(CIFAR100)
    labels: Literal["fine", "coarse"]

    @property
    def label_key(self) -> bytes:
        return f"{self.labels}_labels".encode()

    @property
    def all_classes(self) -> list[str]:
        return FINE if self.labels == "fine" else COARSE

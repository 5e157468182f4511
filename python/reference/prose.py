# SPDX-License-Identifier: Apache-2.0
"""A small seeded grammar of plain English sentences: notes of a river survey.

All of it was written for Headwater. It gives the sample prompts their filler, the parity tests a text without quotations,
and the tokenizer corpus its prose. The generator is SplitMix64, so that the text does not depend on a Python version.
"""
from __future__ import annotations


class Random:
    """SplitMix64. Equal seeds give equal text on every platform and in every version of Python."""

    def __init__(self, seed: int) -> None:
        self.state = seed & 0xFFFFFFFFFFFFFFFF

    def next(self) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        return z ^ (z >> 31)

    def below(self, n: int) -> int:
        return self.next() % n

    def between(self, low: int, high: int) -> int:
        """Both ends included."""
        return low + self.below(high - low + 1)

    def chance(self, one_in: int) -> bool:
        return self.below(one_in) == 0

    def pick(self, items):
        return items[self.below(len(items))]

    def shuffle(self, items: list) -> None:
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]


PLACES = [
    "Lindal", "Harrow Bridge", "Osterby", "Kettle Ford", "the upper valley", "Marrick", "the old mill", "Stainmoor", "Calder Gap", "the north bank",
    "Ravensty", "the alder wood", "Fenwick Lock", "the saddle", "Thornhay", "the lower meadows", "Brackwater", "the weir", "Dunholm", "the cattle crossing",
]
PEOPLE = [
    "the surveyor", "Marta", "the lock keeper", "Ivo", "the two students", "the miller's daughter", "Henrik", "the old shepherd", "Salma", "the ferryman",
    "the botanist", "Oda", "the crew", "the postman", "Tomas", "the village council", "the engineer", "Aline", "the fishermen", "the schoolteacher",
]
THINGS = [
    "a measuring chain", "the red boat", "a bundle of stakes", "the field book", "a coil of rope", "the brass level", "an empty crate", "the oilskin map", "a lantern", "the spare oars",
    "a sack of lime", "the wooden staff", "a jar of river mud", "the broken gauge", "a tin of biscuits", "the long ladder", "a basket of mussels", "the torn net", "a new notebook", "the iron hook",
]
WATERS = [
    "the stream", "the river", "the eastern brook", "the millrace", "the flood channel", "the spring above the pasture", "the backwater", "the narrow ford", "the canal", "the pool under the bridge",
]
STATES = [
    "ran clear over the gravel", "was brown after the rain", "had fallen by a hand's breadth", "lay under thin ice until noon", "turned slowly between the reeds", "carried leaves and small branches",
    "was louder than the day before", "could be crossed without boots", "smelled of wet stone", "spread over the lowest path", "was so still that it showed the clouds", "had cut a new edge into the bank",
]
WEATHER = [
    "a cold wind came down from the hills", "the mist did not lift before noon", "light rain fell on and off", "the sky was clear and very pale", "thunder was heard far to the south",
    "the sun was warm enough to dry the ropes", "the first frost lay on the grass", "the clouds hung low over the ridge", "it snowed for an hour and stopped", "the air was still and heavy",
]
TIMES = [
    "In the morning", "Before noon", "Late in the day", "After supper", "On the way back", "At first light", "Towards evening", "The next day", "Around midday", "When the bells had rung",
]
ANIMALS = [
    "a heron", "two otters", "a pair of dippers", "the neighbour's dog", "a young fox", "some wild geese", "an old pike", "a kingfisher", "a herd of brown cows", "swallows",
]
ACTS = [
    "carried {thing} to {place}", "left {thing} at {place}", "asked about {thing}", "mended {thing} by the fire", "forgot {thing} again", "drew {place} in the margin of the page", "slept in a barn near {place}",
    "walked as far as {place}", "waited at {place} until the rain was over", "told a long story about {place}", "found {thing} in the reeds", "tied {thing} to a post", "bought bread at {place}", "looked for a way around {place}",
]
OPINIONS = [
    "it was a good place for a gauge", "the water had been higher once", "nobody would build there again", "the path should be moved uphill", "the bridge needed new planks", "the map was wrong in that corner",
    "the spring never dried up", "the trees held the bank together", "the winter would come early", "there was no hurry", "the dam was older than the church", "the fish had come back",
]
TEMPLATES = [
    "{time} {person} {act}.",
    "{time} {weather}, and {person} {act}.",
    "{Water} {state}.",
    "{Water} {state}, so {person} {act}.",
    "{Person} {act} while {weather}.",
    "{Person} said that {opinion}.",
    "{Person} thought that {opinion}, but {person2} did not agree.",
    "{time} {animal} could be seen near {place}.",
    "Between {place} and {place2} {water} {state}.",
    "{Person} and {person2} {act}.",
    "Nothing was measured at {place}, because {weather}.",
    "It was agreed that {opinion}.",
    "{Animal} crossed the path, and {person} {act}.",
    "From {place} one can see {place2} when the light is right.",
    "{Person} wrote only that {water} {state}.",
    "Since {opinion}, {person} {act}.",
    "{time} {water} {state}; {person} {act}.",
    "The children of {place} say that {opinion}.",
    "When {weather}, {person} {act}.",
    "The road to {place} was closed, so the boxes went by way of {place2}.",
]


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]


def sentence(rng: Random) -> str:
    """One sentence without digits."""
    person, person2 = rng.pick(PEOPLE), rng.pick(PEOPLE)
    while person2 == person:
        person2 = rng.pick(PEOPLE)
    place, place2 = rng.pick(PLACES), rng.pick(PLACES)
    while place2 == place:
        place2 = rng.pick(PLACES)
    water, animal = rng.pick(WATERS), rng.pick(ANIMALS)
    act = rng.pick(ACTS).format(thing=rng.pick(THINGS), place=place)
    return rng.pick(TEMPLATES).format(
        time=rng.pick(TIMES), person=person, Person=_upper(person), person2=person2, place=place, place2=place2, water=water, Water=_upper(water), state=rng.pick(STATES),
        weather=rng.pick(WEATHER), animal=animal, Animal=_upper(animal), act=act, opinion=rng.pick(OPINIONS),
    )


def sentences(rng: Random, count: int) -> list[str]:
    """`count` different sentences."""
    seen: set[str] = set()
    out: list[str] = []
    while len(out) < count:
        text = sentence(rng)
        if text not in seen:
            seen.add(text)
            out.append(text)
    return out


def paragraphs(rng: Random, lines: list[str]) -> str:
    """Joins sentences to paragraphs of four to eight."""
    out: list[str] = []
    at = 0
    while at < len(lines):
        size = rng.between(4, 8)
        out.append(" ".join(lines[at : at + size]))
        at += size
    return "\n\n".join(out)

"""Run inside a venv of its own: data blocks in hex in, what libasterix reads out, by name."""

import json
import sys

from asterix import base, generated

CATEGORIES = {
    10: generated.Cat_010_1_1,
    21: generated.Cat_021_2_7,
    34: generated.Cat_034_1_29,
    48: generated.Cat_048_1_32,
    62: generated.Cat_062_1_21,
    65: generated.Cat_065_1_6,
}
EXPANSIONS = {21: generated.Ref_021_1_5, 48: generated.Ref_048_1_13, 62: generated.Ref_062_1_3}


def content(element: object, chosen: list[int]) -> object:
    """Give the value of one element: a number, or a text."""
    rule = element._get_rule()
    if isinstance(rule, base.RuleContentDependent):
        found = rule._get_content(chosen)
    else:
        found = rule._get_content()
    if isinstance(found, base.ContentString):
        return found.as_string()
    if isinstance(found, base.ContentQuantity):
        return found._as_quantity()
    if isinstance(found, base.ContentInteger):
        return found.as_integer()
    return element.as_uint()


def named(items: list) -> dict:
    """Give the named items of a group or extended form."""
    found = {}
    for item in items:
        if isinstance(item, base.Item):
            chosen = [found["IM"]] if "IM" in found else []
            found[item.arg.cv_name] = value(item.arg.arg.arg, chosen)
    return found


def value(variation: object, chosen: list[int] = ()) -> object:
    """Give the value of any form."""
    if isinstance(variation, base.Element):
        return content(variation, list(chosen))
    if isinstance(variation, base.Group):
        return named(variation.arg)
    if isinstance(variation, base.Extended):
        return named([item for extent in variation.arg for item in extent if item is not None])
    if isinstance(variation, base.Repetitive):
        return [value(one) for one in variation.arg]
    if isinstance(variation, base.Compound):
        return {name: value(item.arg.arg) for name, item in variation.arg.items()}
    return {"bytes": variation.get_bytes().hex().upper()}


def read(text: str) -> object:
    """Answer one block with a list of records, ``None`` where the library refuses it."""
    blocks = base.RawDatablock.parse(base.Bits.from_bytes(bytes.fromhex(text)))
    if isinstance(blocks, ValueError):
        return None
    number = blocks[0].get_category()
    found = CATEGORIES[number].cv_uap.parse(blocks[0].get_raw_records())
    if isinstance(found, ValueError):
        return None
    answers = []
    for record in found:
        answer = {name: value(item.arg.arg) for name, item in record.items_regular.items()}
        if number in EXPANSIONS and "RE" in answer:
            inside = bytes.fromhex(answer["RE"]["bytes"])
            result = EXPANSIONS[number].cv_expansion._parse(base.Bits.from_bytes(inside))
            if not isinstance(result, ValueError) and len(result[1]) == 0:
                answer["RE"] = {name: value(item.arg.arg) for name, item in result[0].arg.items()}
        answers.append(answer)
    return answers


def main() -> None:
    """Answer each block."""
    json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)


main()

"""IPTC for files that hold none: what it tells, as XMP (IPTC Photo Metadata Standard 2023.2, IIM to XMP)."""

from typing import Any

PROPERTIES = {  # data sets of the application record, and what XMP calls them
    "ObjectName": "dc.title",
    "Urgency": "photoshop.Urgency",
    "Category": "photoshop.Category",
    "SuppCategory": "photoshop.SupplementalCategories",
    "Keywords": "dc.subject",
    "SpecialInstructions": "photoshop.Instructions",
    "DateCreated": "photoshop.DateCreated",
    "Byline": "dc.creator",
    "BylineTitle": "photoshop.AuthorsPosition",
    "City": "photoshop.City",
    "SubLocation": "iptc.Location",
    "ProvinceState": "photoshop.State",
    "CountryCode": "iptc.CountryCode",
    "CountryName": "photoshop.Country",
    "TransmissionReference": "photoshop.TransmissionReference",
    "Headline": "photoshop.Headline",
    "Credit": "photoshop.Credit",
    "Source": "photoshop.Source",
    "Copyright": "dc.rights",
    "Caption": "dc.description",
    "Writer": "photoshop.CaptionWriter",
}
OF_THE_BLOCK = ("Iptc.Envelope.", "Iptc.Application2.RecordVersion")  # tell nothing of the photo
DATE, TIME = "DateCreated", "TimeCreated"


def add_to_xmp(iptc: Any, xmp: Any) -> bool:
    """Add to exiv2's XMP what its IPTC tells, where XMP tells nothing yet. Gives whether it has room for all."""
    import exiv2

    told: dict[str, list[str]] = {}
    for datum in iptc:
        if not datum.key().startswith(OF_THE_BLOCK):
            told.setdefault(datum.key().rpartition(".")[2], []).append(_text(str(datum.value())))
    if DATE in told and TIME in told:
        told[DATE] = [f"{told[DATE][0]}T{told.pop(TIME)[0]}"]
    for name, texts in told.items():
        if name not in PROPERTIES:
            continue
        key = exiv2.XmpKey(f"Xmp.{PROPERTIES[name]}")
        if xmp.findKey(key) == xmp.end():
            value = exiv2.Value.create(exiv2.XmpProperties.propertyType(key))
            for text in texts:
                value.read(text)
            xmp.add(key, value)
    return set(told) <= set(PROPERTIES)


def _text(text: str) -> str:
    """A text as it was meant, which a program wrote that told no encoding."""
    content = text.encode(errors="surrogateescape")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")

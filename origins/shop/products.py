"""What the shop sells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    number: int
    name: str
    price: str
    line: str
    about: str


PRODUCTS = {
    product.number: product
    for product in (
        Product(
            1,
            "Harbour Lamp",
            "€ 89",
            "A warm light for late deploys",
            "Blown glass over a brass foot. It glows at 2,700 kelvin and dims without flicker, "
            "from a whole evening down to a single candle.",
        ),
        Product(
            2,
            "Tide Mug",
            "€ 24",
            "Keeps its heat for a whole review",
            "Stoneware with a double wall and a glaze that breaks like surf at the rim. "
            "Holds 350 ml and survives the dishwasher.",
        ),
        Product(
            3,
            "Kestrel Kite",
            "€ 46",
            "Rides the lightest wind",
            "Ripstop sails on a carbon cross. Packs to the size of a loaf and stands in the "
            "air from two beaufort on.",
        ),
        Product(
            4,
            "Meridian Globe",
            "€ 129",
            "Every point of presence on one axis",
            "A globe without borders, only water, land and the thin lines of longitude. "
            "Turns for four minutes after one push.",
        ),
        Product(
            5,
            "Fern Pot",
            "€ 32",
            "A fern and a pot that waters it",
            "Terracotta with a hidden reservoir. The fern drinks when it is thirsty and asks "
            "for more once a month.",
        ),
        Product(
            6,
            "Long Wave Radio",
            "€ 74",
            "One dial, many stations",
            "A walnut case, one speaker and one honest dial. Receives long, medium and short "
            "wave, and looks good while it is off.",
        ),
    )
}

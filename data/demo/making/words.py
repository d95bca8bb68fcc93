"""Invented names. Nobody here exists; telephone numbers lie in the range kept free for fiction.

The company behind the demo is Larkspur Workshop Supply, which sells, rents and installs benches,
racking and tools.
"""

from __future__ import annotations

COMPANY = "Larkspur Workshop Supply"

# One account a line; the planted ones stand in `trouble` and are added from there.
FIRMS = """
Alder & Finch Joinery|Amberley Glassworks|Anvil Street Ironworks|Aspen Hollow Timber
Bramble Hill Nursery|Brass Lantern Theatre|Bridgewell Motors|Calder Bridge Textiles
Candlewick Interiors|Cinder Lane Pottery|Clearbrook Veterinary|Copper Kettle Foods
Cottonwood School District|Crane Landing Logistics|Damson Grove Farms|Drystone Masonry
Eider Down Bedding|Elkhorn Valley Dairy|Emberglow Stoves|Fallow Field Seeds
Fernwood Clinic|Fiddlehead Music|Foxglove Florists|Gannet Point Ferries
Gilded Page Bookbinders|Goldfinch Academy|Granary Road Bakers|Greywater Plumbing
Hadley Moor Quarry|Heron Bay Canoes|Hollow Reed Instruments|Inkwell Signs
Ivy Gate Landscapes|Jackdaw Salvage|Kestrel Aviation Parts|Kingfisher Pools
Lantern Hill Electric|Lark Rise Housing Trust|Linden Court Residences|Lodestone Surveying
Maple Ridge Cabinets|Marigold Day Nursery|Meadowlark Cycles|Millrace Hydro
Mossbank Garden Centre|Nettle & Rye Distillers|Oakum Sailmakers|Old Quay Chandlers
Osprey Roof Trusses|Otter Creek Paper|Pebble Cove Tiling|Pinecone Toys
Plover Coast Rentals|Quillfeather Stationers|Ravenscar Steel|Rushlight Lamps
Saltmarsh Oysters|Sparrow Hill Brickworks
"""

_FIRST_NAMES = """
Ada Amos Beatrix Callum Clara Desmond Edith Elias Fiona
Gareth Greta Hamish Imogen Ivo Jessamy Joel Keziah Lionel
Mabel Magnus Nerys Noel Odette Oscar Petra Quentin Rhona
Rufus Selma Silas Thea Tobias Una Viggo Wilma
"""
FIRST_NAMES = _FIRST_NAMES.split()

_LAST_NAMES = """
Abernethy Birdwood Castellan Dunmore Eastham Fairweather Goodspeed Hartnell Ingleby
Jephson Kettlewell Lockhart Merriweather Northcott Oldershaw Pennington Quarles Ravenhill
Stainforth Thistlewood Underhill Vavasour Wainfleet Yarborough Applegarth Brockhurst Coldwell
Drinkwater Entwhistle Fothergill Greenhalgh Hollingworth Illingworth Jarrold Kilbride
"""
LAST_NAMES = _LAST_NAMES.split()

#  town, state, postal code, area code
TOWNS = (
    ("Port Larkin", "OR", "97009", "503"),
    ("Wexcombe", "WA", "98019", "206"),
    ("Springmead", "OR", "97499", "541"),
    ("Arden Falls", "ID", "83209", "208"),
    ("Kettle Junction", "MT", "59109", "406"),
    ("Silverlode", "NV", "89409", "775"),
    ("Barrow Heights", "CO", "80209", "720"),
    ("Tamarisk", "UT", "84009", "801"),
    ("Millhaven", "WI", "53009", "608"),
    ("North Selby", "MN", "55009", "612"),
)

STREETS = (
    "Quay Street",
    "Foundry Lane",
    "Orchard Road",
    "Station Approach",
    "Mill Hill",
    "Canal Side",
    "Chapel Row",
    "Market Square",
    "Tannery Yard",
    "Bridge Street",
    "Weaver's Walk",
    "Kiln Road",
)
SECOND_LINES = ("Suite 4", "Unit 12", "Building B", "2nd Floor", "Dock 7")

INDUSTRIES = (
    "Manufacturing",
    "Retail",
    "Construction",
    "Education",
    "Agriculture",
    "Recreation",
    "Healthcare",
)
TITLES = (
    "Purchasing Manager",
    "Workshop Foreman",
    "Office Manager",
    "Managing Director",
    "Site Supervisor",
    "Facilities Lead",
    "Head of Operations",
)
SALUTATIONS = ("Ms.", "Mr.", "Dr.", "Mrs.")

#  name (31 characters at most), type, price, description, part number
PRODUCTS = (
    ("Site Survey", "Service", "180.00", "Survey of the site with measured drawing", None),
    ("Workshop Layout Plan", "Service", "420.00", "Layout plan for a workshop, to scale", None),
    ("Installation Hour", "Service", "64.00", "Installation by one fitter, per hour", None),
    ("Electrical Hour", "Service", "78.00", "Electrical work by a certified fitter, per hour", None),
    ("Safety Training Day", "Service", "560.00", "Safety training for up to eight people", None),
    ("Annual Inspection", "Service", "240.00", "Inspection of racking with certificate", None),
    ("Blade Sharpening", "Service", "18.00", "Sharpening of one saw blade", None),
    ("Repair Hour", "Service", "58.00", "Repair work in our shop, per hour", None),
    ("Crane Hire Day", "Service", "310.00", "Mobile crane with driver, per day", None),
    ("Tool Rental Week", "Service", "95.00", "Rental of a tool set, per week", None),
    ("Waste Removal", "Service", "125.00", "Removal of packing and old fittings", None),
    ("Workbench 6 ft", "Inventory", "389.00", "Workbench, beech top, 6 ft", "WB-600"),
    ("Workbench 8 ft", "Inventory", "459.00", "Workbench, beech top, 8 ft", "WB-800"),
    ("Pallet Rack Bay", "Inventory", "214.00", "Pallet rack, starter bay", "PR-100"),
    ("Pallet Rack Add-On", "Inventory", "168.00", "Pallet rack, add-on bay", "PR-110"),
    ("Cantilever Arm", "Inventory", "46.00", "Cantilever arm, 900 mm", "CA-090"),
    ("Steel Locker", "Inventory", "132.00", "Steel locker, two doors", "SL-002"),
    ("Tool Trolley", "Inventory", "245.00", "Tool trolley, seven drawers", "TT-007"),
    ("Bench Vise 5 in", "Inventory", "98.00", "Bench vise, cast steel, 5 in", "BV-005"),
    ("Dust Extractor", "Inventory", "615.00", "Dust extractor, 1.5 kW", "DE-150"),
    ("Pillar Drill", "Inventory", "540.00", "Pillar drill, 16 speeds", "PD-016"),
    ("Pegboard Panel", "NonInventory", "24.00", "Pegboard panel, 1200 x 600 mm", "PP-126"),
    ("Rubber Mat", "NonInventory", "36.00", "Anti-fatigue mat, 900 x 1500 mm", "RM-915"),
    ("LED Batten 4 ft", "NonInventory", "42.50", "LED batten, 4 ft, 40 W", "LB-040"),
    ("Extension Reel", "NonInventory", "67.00", "Extension reel, 25 m", "ER-025"),
    ("Shelf Divider", "NonInventory", "8.50", "Divider for steel shelving", "SD-001"),
    ("Floor Marking Tape", "NonInventory", "22.00", "Floor marking tape, 33 m", "FM-033"),
    ("First Aid Station", "NonInventory", "74.00", "First aid station, wall mounted", "FA-001"),
    ("Fire Extinguisher", "NonInventory", "58.50", "Fire extinguisher, 6 kg powder", "FE-006"),
    ("Delivery", "OtherCharge", "45.00", "Delivery within 50 miles", None),
    ("Long Haul Delivery", "OtherCharge", "160.00", "Delivery beyond 50 miles", None),
    ("Packing and Crating", "OtherCharge", "28.00", "Packing and crating, per crate", None),
)

PROJECTS = (
    "new workshop",
    "spring refit",
    "store room",
    "second shift",
    "safety round",
    "yard clearance",
    "tool room",
    "loading bay",
    "summer repairs",
    "bench replacement",
    "racking extension",
    "yearly service",
)
MEMOS = (
    "Thank you for your business",
    "As agreed on site",
    "Ordered by telephone",
    "Deliver to the side gate",
    "Second of two deliveries",
    None,
)

VENDORS = (
    "Ironbridge Freight",
    "Cascade Sheet Steel",
    "Beechwood Panels",
    "Tri-County Power",
    "Anchor Fasteners",
    "Waypoint Insurance",
)
EMPLOYEES = ("Hollis Brandreth", "Marguerite Sallow", "Tully Ashdown", "Winifred Crake")
OTHER_NAMES = ("Petty Cash Box", "Owner's Draw")

"""Words the generated names are made of. Written for this generator, taken from no data set."""

from __future__ import annotations

__all__ = [
    "ABBREVIATIONS",
    "ADJECTIVES",
    "CATEGORIES",
    "COMPANY_FORMS",
    "DEPARTMENTS",
    "FIRST_NAMES",
    "INSTITUTIONS",
    "NOUNS",
    "STREETS",
    "STREET_TYPES",
]

#: Label, group, and the words by which a name shows the category (the first is the usual one).
CATEGORIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("restaurant", "food", ("Restaurant", "Kitchen", "Grill", "Eatery", "Diner", "Bistro")),
    ("cafe", "food", ("Cafe", "Coffee", "Coffee House", "Espresso Bar", "Tea Room")),
    ("hairdresser", "shop", ("Hair", "Hairdressing", "Salon", "Hair Studio")),
    ("clothes", "shop", ("Fashion", "Clothing", "Boutique", "Outfitters", "Wear")),
    ("takeaway", "food", ("Takeaway", "Express", "Fried Chicken", "Kebab", "Fish Bar")),
    ("bar", "food", ("Bar", "Lounge", "Cocktails", "Wine Bar")),
    ("convenience store", "shop", ("Stores", "Mini Market", "Food Mart", "Convenience Store")),
    ("pharmacy", "health", ("Pharmacy", "Chemist", "Drugstore")),
    ("bank", "service", ("Bank", "Savings Bank", "Credit Union")),
    ("hotel", "lodging", ("Hotel", "Plaza Hotel", "Suites", "Residence")),
    ("pub", "food", ("Arms", "Tavern", "Inn", "Alehouse")),
    ("dentist", "health", ("Dental Practice", "Dental Care", "Orthodontics", "Smiles")),
    ("school", "education", ("Primary School", "School", "Academy", "High School")),
    ("church", "community", ("Church", "Chapel", "Parish Church", "Fellowship")),
    ("supermarket", "shop", ("Supermarket", "Foods", "Market Hall", "Grocers")),
    ("bakery", "food", ("Bakery", "Bakehouse", "Breads", "Patisserie")),
    ("estate agent", "service", ("Estates", "Lettings", "Properties", "Realty", "Homes")),
    ("car repair", "transport", ("Garage", "Motors", "Auto Repair", "Tyres", "MOT Centre")),
    ("beauty salon", "shop", ("Beauty", "Skin Clinic", "Spa", "Nails", "Brows")),
    ("pizzeria", "food", ("Pizza", "Pizzeria", "Trattoria", "Wood Oven")),
    ("doctor", "health", ("Surgery", "Clinic", "Medical Practice", "Health Centre")),
    ("solicitor", "service", ("Solicitors", "Law", "Legal", "Attorneys")),
    ("gym", "leisure", ("Fitness", "Gym", "Crossfit", "Training")),
    ("petrol station", "transport", ("Fuel", "Service Station", "Petroleum", "Gas Bar")),
    ("jeweller", "shop", ("Jewellers", "Jewellery", "Diamonds", "Watches")),
    ("accountant", "service", ("Accountants", "Tax Advisers", "Bookkeeping")),
    ("noodle house", "food", ("Noodles", "Ramen", "Noodle House", "Dim Sum")),
    ("florist", "shop", ("Flowers", "Florist", "Blooms")),
    ("optician", "health", ("Opticians", "Eyecare", "Vision", "Optical")),
    ("sushi bar", "food", ("Sushi", "Izakaya", "Sushi Bar")),
    ("furniture", "shop", ("Furniture", "Interiors", "Beds", "Kitchens")),
    ("electronics", "shop", ("Electronics", "Phones", "Computers", "Mobile")),
    ("nursery", "education", ("Nursery", "Kindergarten", "Daycare", "Playgroup")),
    ("insurance", "service", ("Insurance", "Assurance", "Brokers")),
    ("barber", "shop", ("Barbers", "Barber Shop", "Cuts")),
    ("shoes", "shop", ("Shoes", "Footwear", "Boots")),
    ("laundry", "service", ("Laundry", "Dry Cleaners", "Launderette")),
    ("bookshop", "shop", ("Books", "Bookshop", "Comics")),
    ("hardware", "shop", ("Hardware", "Tools", "Building Supplies", "Paints")),
    ("travel agent", "service", ("Travel", "Tours", "Holidays")),
    ("gallery", "leisure", ("Gallery", "Fine Art", "Frames")),
    ("guest house", "lodging", ("Guest House", "Bed and Breakfast", "Apartments", "Lodge")),
    ("veterinary", "health", ("Veterinary Clinic", "Vets", "Animal Hospital")),
    ("butcher", "food", ("Butchers", "Meats", "Charcuterie")),
    ("parking", "transport", ("Car Park", "Parking", "Parkade")),
    ("yoga", "leisure", ("Yoga", "Pilates", "Dance Studio")),
    ("photographer", "service", ("Photography", "Photo", "Portraits")),
    ("ice cream", "food", ("Ice Cream", "Gelato", "Frozen Yogurt")),
    ("gift shop", "shop", ("Gifts", "Souvenirs", "Cards")),
    ("plumber", "service", ("Plumbing", "Heating", "Boilers")),
    ("park", "leisure", ("Park", "Gardens", "Green", "Playground")),
    ("bicycle shop", "shop", ("Cycles", "Bikes", "Bicycle Works")),
    ("consulting", "service", ("Consulting", "Associates", "Partners", "Advisers")),
    ("printer", "service", ("Printers", "Copy Centre", "Signs")),
    ("community centre", "community", ("Community Centre", "Village Hall", "Youth Club")),
    ("pet shop", "shop", ("Pets", "Aquatics", "Grooming")),
    ("architect", "service", ("Architects", "Design", "Planning")),
    ("toys", "shop", ("Toys", "Games", "Models")),
    ("library", "education", ("Library", "Reading Room", "Archive")),
    ("taxi", "transport", ("Taxis", "Cabs", "Minibus Hire")),
    ("physiotherapy", "health", ("Physiotherapy", "Osteopaths", "Chiropractic", "Massage")),
    ("theatre", "leisure", ("Theatre", "Playhouse", "Opera House")),
    ("museum", "leisure", ("Museum", "Heritage Centre", "Science Centre")),
    ("driving school", "education", ("Driving School", "Driver Training")),
    ("music school", "education", ("Music School", "Piano Lessons", "Guitars")),
    ("hostel", "lodging", ("Hostel", "Backpackers", "Youth Hostel")),
    ("sports club", "leisure", ("Sports Club", "Tennis Club", "Bowling Club", "Rugby Club")),
    ("cinema", "leisure", ("Cinema", "Picture House", "Film Theatre")),
    ("post office", "service", ("Post Office", "Parcel Point")),
    ("funeral director", "service", ("Funeral Directors", "Memorials")),
    ("antiques", "shop", ("Antiques", "Auctions", "Vintage")),
    ("car rental", "transport", ("Car Hire", "Van Rental", "Rentals")),
)

#: What other places lie inside of: label, group, words.
INSTITUTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("shopping centre", "shop", ("Shopping Centre", "Mall", "Galleria", "Arcade")),
    ("hospital", "health", ("Hospital", "Infirmary", "General Hospital")),
    ("university", "education", ("University", "College", "Institute")),
    ("station", "transport", ("Station", "Interchange", "Terminal")),
    ("business park", "service", ("Business Park", "Trade Centre", "Tower")),
    ("department store", "shop", ("Department Store", "Emporium")),
)

#: Parts of an institution that bear its name.
DEPARTMENTS: tuple[str, ...] = (
    "Reception", "Radiology", "Car Park", "Cafeteria", "Information Desk", "Ticket Office",
    "Security", "Food Court", "Chapel", "Lost Property", "Cash Machine", "Taxi Rank",
    "Cycle Store", "Outpatients", "Laboratory", "Maternity Unit", "Post Room", "Loading Bay",
    "Lecture Hall", "Prayer Room", "First Aid", "Emergency", "Administration", "East Wing",
    "West Wing", "Rooftop Terrace", "Lost Children", "Staff Entrance", "Boardroom",
    "Bursar's Office", "Left Luggage", "Pharmacy Counter", "Playroom", "Studio", "Archive",
)  # fmt: skip

ADJECTIVES: tuple[str, ...] = (
    "Golden", "Royal", "Old", "New", "Little", "Grand", "Blue", "Red", "Green", "White", "Black",
    "Silver", "Happy", "Lucky", "Urban", "Rustic", "Twisted", "Hidden", "Sunny", "Crystal",
    "Velvet", "Copper", "Wild", "Quiet", "Hungry", "Jolly", "Merry", "Noble", "Perfect", "Prime",
    "Rapid", "Secret", "Simple", "Smart", "Spicy", "Sweet", "Tiny", "True", "Vintage", "Amber",
    "Ancient", "Bright", "Broken", "Clever", "Cosy", "Crooked", "Dancing", "Electric", "Famous",
    "First", "Flying", "Fresh", "Gentle", "Iron", "Ivory", "Laughing", "Lazy", "Modern", "Purple",
    "Salty", "Scarlet", "Singing", "Sleepy", "Smoky", "Wandering", "Wooden", "Upper", "Northern",
    "Southern", "Eastern", "Western", "Imperial", "United", "Central", "Pure", "Magic", "Native",
)  # fmt: skip

NOUNS: tuple[str, ...] = (
    "Lion", "Dragon", "Garden", "Crown", "Rose", "Oak", "Star", "Moon", "Sun", "River", "Bridge",
    "Anchor", "Bell", "Swan", "Fox", "Bear", "Horse", "Stag", "Eagle", "Owl", "Lotus", "Orchid",
    "Pearl", "Jade", "Palace", "Castle", "Tower", "Gate", "Harbour", "Island", "Mountain",
    "Valley", "Forest", "Meadow", "Orchard", "Olive", "Lemon", "Pepper", "Saffron", "Ginger",
    "Basil", "Thistle", "Clover", "Willow", "Maple", "Cedar", "Pine", "Elephant", "Tiger",
    "Panda", "Monkey", "Parrot", "Dolphin", "Whale", "Mermaid", "Ship", "Compass", "Lantern",
    "Candle", "Mirror", "Feather", "Button", "Ribbon", "Thread", "Needle", "Anvil", "Hammer",
    "Barrel", "Kettle", "Spoon", "Table", "Hearth", "Chimney", "Window", "Door", "Wheel",
    "Piano", "Violin", "Drum", "Trumpet", "Comet", "Planet", "Rocket", "Spark", "Cloud", "Storm",
    "Rainbow", "Summit", "Canyon", "Prairie", "Lagoon", "Reef", "Pebble", "Stone", "Ember",
    "Phoenix", "Unicorn", "Wolf", "Rabbit", "Badger", "Heron", "Raven", "Sparrow", "Falcon",
)  # fmt: skip

FIRST_NAMES: tuple[str, ...] = (
    "Adam", "Alice", "Anna", "Anton", "Arthur", "Beatrice", "Ben", "Carla", "Charles", "Clara",
    "Daniel", "David", "Diana", "Edith", "Elena", "Emma", "Eric", "Eva", "Felix", "Fiona",
    "Frank", "George", "Grace", "Hannah", "Harry", "Helen", "Henry", "Hugo", "Ida", "Irene",
    "Isabel", "Ivan", "Jack", "James", "Jane", "Jasmine", "Joe", "John", "Julia", "Karen",
    "Karl", "Kate", "Laura", "Leo", "Leonard", "Lily", "Linda", "Lucy", "Luis", "Maria", "Mario",
    "Mark", "Martha", "Max", "Mei", "Michael", "Mona", "Nadia", "Nancy", "Nina", "Noah", "Nora",
    "Olga", "Oliver", "Oscar", "Pablo", "Paul", "Paula", "Pedro", "Peter", "Philip", "Rachel",
    "Ralph", "Raj", "Rita", "Robert", "Rosa", "Ruth", "Sam", "Sandra", "Sara", "Simon", "Sofia",
    "Stella", "Susan", "Teresa", "Theo", "Thomas", "Tina", "Tony", "Uma", "Vera", "Victor",
    "Walter", "Wendy", "William", "Yasmin", "Yusuf", "Zara", "Zoe",
)  # fmt: skip

STREETS: tuple[str, ...] = (
    "High", "Station", "Church", "Mill", "Park", "School", "Market", "Bridge", "Castle", "King",
    "Queen", "Victoria", "Albert", "North", "South", "East", "West", "Main", "Second", "Third",
    "Fourth", "Fifth", "College", "Hill", "Lake", "River", "Spring", "Forest", "Garden", "Chapel",
    "Harbour", "Dock", "Canal", "Railway", "Abbey", "Manor", "Orchard", "Meadow", "Green",
    "Elm", "Oak", "Ash", "Birch", "Maple", "Cedar", "Chestnut", "Poplar", "Willow", "Rose",
)  # fmt: skip

STREET_TYPES: tuple[str, ...] = (
    "Street", "Road", "Avenue", "Lane", "Drive", "Boulevard", "Place", "Court", "Square",
    "Terrace", "Crescent", "Highway",
)  # fmt: skip

#: Of each street type, in the same order.
ABBREVIATIONS: tuple[str, ...] = (
    "St", "Rd", "Ave", "Ln", "Dr", "Blvd", "Pl", "Ct", "Sq", "Ter", "Cres", "Hwy",
)  # fmt: skip

COMPANY_FORMS: tuple[str, ...] = (
    "Ltd", "Inc", "LLC", "Co", "Group", "Branch", "Store", "Shop", "Centre", "Outlet",
    "International", "Services", "Company", "Online",
)  # fmt: skip

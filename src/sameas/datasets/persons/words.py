"""Common names from general knowledge, the commonest first, and the short forms of some."""

from __future__ import annotations

__all__ = ["DOMAINS", "FEMALE", "MALE", "NICKNAMES", "SURNAMES"]

_MALE = """
    James John Robert Michael William David Richard Joseph Thomas Charles Christopher Daniel
    Matthew Anthony Mark Donald Steven Paul Andrew Joshua Kenneth Kevin Brian George Timothy
    Ronald Edward Jason Jeffrey Ryan Jacob Gary Nicholas Eric Jonathan Stephen Larry Justin
    Scott Brandon Benjamin Samuel Gregory Alexander Frank Patrick Raymond Jack Dennis Jerry
    Tyler Aaron Jose Adam Nathan Henry Douglas Zachary Peter Kyle Noah Ethan Jeremy Walter
    Christian Keith Roger Terry Austin Sean Gerald Carl Harold Dylan Arthur Lawrence Jordan
    Jesse Bryan Lawson Gabriel Bruce Logan Albert Willie Alan Juan Wayne Elijah Randy Roy
    Vincent Ralph Eugene Russell Bobby Mason Philip Louis Luis Carlos Miguel Antonio Francisco
    Manuel Pedro Jorge Ricardo Fernando Diego Rafael Sergio Oliver Harry Leo Oscar Archie Alfie
    Theodore Freddie Hugo Felix Max Luke Isaac Owen Connor Liam Callum Ewan Angus Hamish Rory
    Declan Cormac Eoin Cian Finn Niall Brendan Colin Graham Malcolm Neil Trevor Nigel Clive
    Derek Geoffrey Stuart Simon Martin Leonard Stanley Norman Ernest Cecil Herbert Clifford
    Percy Victor Hassan Omar Ali Ahmed Mohammed Ibrahim Yusuf Tariq Imran Raj Arjun Vikram
    Sanjay Anil Ravi Wei Jun Ming Hiroshi Kenji Takashi Minh Andrei Ivan Dmitri Pavel Lukas Jan
    Hans Klaus Jürgen Stefan Matteo Marco Luca Giovanni Pierre Jean André René Lars Erik Björn
    Anders Nils Kwame Kofi Chidi Emeka Marcus Julian Adrian Damian Xavier Caleb Levi Wyatt
    Hunter Cody Travis Dustin Shane Brett Chad Troy Craig Todd Curtis Clarence Melvin Howard
    Edwin Alvin
"""
MALE = tuple(_MALE.split())

_FEMALE = """
    Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Margaret
    Sandra Ashley Kimberly Emily Donna Michelle Carol Amanda Dorothy Melissa Deborah Stephanie
    Rebecca Sharon Laura Cynthia Kathleen Amy Angela Shirley Anna Brenda Pamela Emma Nicole
    Helen Samantha Katherine Christine Debra Rachel Carolyn Janet Catherine Maria Heather Diane
    Ruth Julie Olivia Joyce Virginia Victoria Kelly Lauren Christina Joan Evelyn Judith Megan
    Andrea Cheryl Hannah Jacqueline Martha Gloria Teresa Ann Sara Madison Frances Kathryn Janice
    Jean Abigail Alice Julia Judy Sophia Grace Denise Amber Doris Marilyn Danielle Beverly
    Isabella Theresa Diana Natalie Brittany Charlotte Marie Kayla Alexis Lori Rosa Carmen Ana
    Lucia Elena Isabel Sofia Gabriela Valentina Camila Daniela Mariana Guadalupe Pilar Amelia
    Isla Ava Mia Ivy Lily Poppy Freya Florence Daisy Phoebe Willow Rosie Ella Evie Ruby Eleanor
    Harriet Matilda Imogen Beatrice Niamh Aoife Ciara Saoirse Siobhan Maeve Sinead Fiona Morag
    Eilidh Catriona Gwen Rhiannon Bronwyn Gillian Maureen Sheila Eileen Hilda Edith Mabel Ethel
    Agnes Winifred Gertrude Irene Norma Audrey Vera Lillian Josephine Pauline Yvonne Lorraine
    Fatima Aisha Zainab Maryam Layla Noor Yasmin Priya Anjali Sunita Deepa Meera Lakshmi Mei Li
    Xiu Yuki Sakura Akiko Linh Olga Irina Natasha Svetlana Katarina Ingrid Astrid Birgit Heidi
    Ursula Greta Giulia Chiara Francesca Claire Zoë Chloé Amélie Brigitte Ama Abena Ngozi Chioma
    Tiffany Crystal Erica Vanessa Monica Veronica Alicia Kristen Erin Shannon Tara Holly April
    Dawn Robin Leah Naomi Esther Miriam Rose Violet Hazel Stella Luna
"""
FEMALE = tuple(_FEMALE.split())

_SURNAMES = """
    Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez
    Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez
    Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores
    Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Gomez Phillips Evans
    Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers
    Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward
    Richardson Watson Brooks Chavez Wood James Bennett Gray Mendoza Ruiz Hughes Price Alvarez
    Castillo Sanders Patel Myers Long Ross Foster Jimenez Powell Jenkins Perry Russell Sullivan
    Bell Coleman Butler Henderson Barnes Fisher Vasquez Simmons Graham Murray Ford Hamilton
    Gibson McDonald Wallace Woods Cole West Jordan Owens Reynolds Ellis Harrison Cruise Marshall
    Mason Hunt Holmes Webb Simpson Stevens Tucker Porter Hunter Hicks Crawford Henry Boyd
    Kennedy Warren Dixon Burns Gordon Shaw Rice Robertson Black Daniels Palmer Mills Nichols
    Grant Knight Ferguson Stone Hawkins Dunn Perkins Hudson Spencer Gardner Stephens Payne
    Pierce Berry Matthews Arnold Wagner Willis Ray Watkins Olson Carroll Duncan Snyder Hart
    Cunningham Bradley Lane Andrews Fox Riley Armstrong Carpenter Weaver Greene Lawrence Elliott
    Chapman Franklin Lawson Fields Ryan Schmidt Müller Schneider Fischer Weber Meyer Becker
    Schulz Hoffmann Koch Richter Wolf Klein Schröder Neumann Schwarz Zimmermann Braun Krüger
    Rossi Ferrari Russo Bianchi Romano Colombo Ricci Marino Greco Dubois Durand Leroy Moreau
    Laurent Simon Michel Lefebvre Bertrand Roux Fournier Girard O'Brien O'Connor O'Neill Byrne
    Walsh Doyle McCarthy Gallagher Doherty Kavanagh MacLeod MacDonald Sinclair Buchanan Drummond
    Lindsay Khan Ahmed Ali Hussain Singh Kaur Sharma Gupta Kumar Shah Begum Chowdhury Wang Li
    Zhang Liu Chen Yang Huang Zhao Wu Zhou Tanaka Suzuki Sato Takahashi Watanabe Park Choi Jung
    Tran Pham Hoang Vu Dang Ivanov Petrov Smirnov Kowalski Nowak Wisniewski Novák Svoboda Horvat
    Kovács Nagy Szabó Hansen Johansen Olsen Larsen Andersson Johansson Karlsson Nilsson Jensen
    Nielsen Pedersen Okafor Okonkwo Mensah Owusu Adeyemi Silva Santos Oliveira Souza Pereira
    Costa Ferreira Almeida Carvalho Gomes Abbott Atkinson Barker Bates Booth Bright Burke Carr
    Chambers Cross Curtis Dawson Day Dean Fletcher Fowler Frost Gibbs Gill Goodwin Griffiths
    Hammond Harding Hardy Harper Hewitt Hobbs Holland Hope Howe Hurst Kemp Kerr Lamb Leach Lloyd
    Lowe Marsden Marsh Mellor Moss Newton Norris North Osborne Parkin Parry Parsons Pearce
    Pearson Poole Potter Pratt Quinn Rhodes Rowe Saunders Savage Sharpe Short Slater Stanton
    Steele Stokes Storey Sutton Swift Sykes Thorne Thornton Tyler Vaughan Wade Wallis Walton
    Waters Weston Whitaker Wilkins Wilkinson Winter Wyatt Yates York
"""
SURNAMES = tuple(_SURNAMES.split())

#: Formal name, then what its bearers are called for short.
NICKNAMES = """
    James Jim Jimmy Jamie; John Jack Johnny; Robert Bob Rob Bobby; Michael Mike Mick Mikey;
    William Bill Will Billy; David Dave Davy; Richard Dick Rick Rich; Joseph Joe Joey; Thomas
    Tom Tommy; Charles Charlie Chuck; Christopher Chris Kit; Daniel Dan Danny; Matthew Matt;
    Anthony Tony; Donald Don Donny; Steven Steve; Stephen Steve; Andrew Andy Drew; Joshua Josh;
    Kenneth Ken Kenny; Timothy Tim; Ronald Ron Ronnie; Edward Ed Ted Eddie; Jeffrey Jeff; Jacob
    Jake; Nicholas Nick; Jonathan Jon Jonny; Lawrence Larry; Benjamin Ben Benji; Samuel Sam
    Sammy; Gregory Greg; Alexander Alex Sandy; Patrick Pat Paddy; Raymond Ray; Dennis Den;
    Zachary Zach; Peter Pete; Douglas Doug; Walter Walt Wally; Arthur Art Artie; Gerald Gerry;
    Harold Harry Hal; Albert Al Bert; Vincent Vince; Eugene Gene; Russell Russ; Philip Phil;
    Louis Lou; Theodore Ted Theo; Geoffrey Geoff; Stuart Stu; Leonard Len Lenny; Stanley Stan;
    Clifford Cliff; Victor Vic; Francisco Paco Pancho; Antonio Tonio; Manuel Manny; Nathan Nate;
    Henry Hank Harry; Isaac Ike; Oliver Ollie; Frank Frankie; George Georgie; Edwin Eddie;
    Howard Howie; Mohammed Mo; Gabriel Gabe; Malcolm Mal; Mary Molly Polly May; Patricia Pat
    Patty Trish; Jennifer Jen Jenny; Elizabeth Liz Beth Betty; Barbara Barb Babs; Susan Sue
    Susie; Jessica Jess Jessie; Sarah Sally; Margaret Maggie Peggy Meg; Sandra Sandy; Kimberly
    Kim; Emily Em Emmy; Michelle Shelly; Amanda Mandy; Dorothy Dot Dottie; Melissa Mel Missy;
    Deborah Deb Debbie; Debra Deb Debbie; Stephanie Steph; Rebecca Becky Becca; Cynthia Cindy;
    Kathleen Kathy Kate; Angela Angie; Pamela Pam; Samantha Sam; Katherine Kate Kathy Katie;
    Catherine Cathy Cate; Kathryn Kathy Kate; Christine Chris Chrissy; Rachel Rae; Carolyn
    Carol; Virginia Ginny; Victoria Vicky Tori; Christina Tina Chris; Judith Judy; Jacqueline
    Jackie; Martha Marty; Teresa Terry Tess; Theresa Terry Tess; Frances Fran Frankie; Abigail
    Abby; Danielle Dani; Isabella Bella Izzy; Natalie Nat; Charlotte Charlie Lottie; Alexis
    Lexi; Eleanor Ellie Nell; Florence Flo; Harriet Hattie; Matilda Tilly; Beatrice Bea;
    Josephine Jo Josie; Winifred Winnie; Gertrude Trudy; Edith Edie; Lillian Lily; Amelia Amy
    Millie; Gabriela Gaby; Guadalupe Lupe; Veronica Ronnie; Vanessa Nessa; Francesca Fran;
    Natasha Tasha; Tiffany Tiff; Nancy Nan; Nicole Nicky; Helen Nell; Ann Annie
""".replace("\n", " ")

#: Mail providers, the commonest first; no such domain exists.
DOMAINS = (
    "mail.example", "post.example", "inbox.example", "letters.example", "web.example",
    "quickmail.example", "home.example", "fastpost.example", "union.example", "works.example",
    "college.example", "telecom.example",
)  # fmt: skip

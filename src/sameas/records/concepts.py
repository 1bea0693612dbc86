"""What the name of a column says, in the languages met most often."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

__all__ = ["CONCEPTS", "Concept", "concept_of", "is_key_of_another", "is_numbered", "words_of"]

#: Phrases by concept: English, German, French, Spanish, Italian, Portuguese, Dutch.
CONCEPTS: Mapping[str, str] = MappingProxyType(
    {
        "given_name": "given name|first name|firstname|forename|fname|givenname|first|vorname|"
        "rufname|prenom|nombre de pila|nome proprio|voornaam|middle name|middlename|given names|"
        "second name|zweiter vorname",
        "surname": "surname|last name|lastname|family name|familyname|lname|nachname|familienname|"
        "zuname|nom de famille|apellido|apellidos|primer apellido|segundo apellido|cognome|"
        "sobrenome|achternaam|maiden name|geburtsname|last|birth name",
        "person": "full name|fullname|person|person name|contact name|customer name|employee name|"
        "patient name|client name|kundenname|nom complet|nom prenom|nombre completo|"
        "nome completo|author|autor|auteur|autore|owner|inhaber|contact|ansprechpartner|"
        "artist|artist name|kunstler|artiste|director",
        "organisation": "organisation|organization|company|company name|firm|firma|firm title|"
        "firmenname|unternehmen|employer|arbeitgeber|societe|entreprise|raison sociale|empresa|"
        "razon social|azienda|ragione sociale|societa|bedrijf|business name|institution|"
        "manufacturer|hersteller|fabricant|fabricante|produttore|supplier|lieferant|vendor|"
        "factory name|publisher|verlag|brewery|organisatie",
        "name": "name|names|title|titel|titre|titulo|titolo|label|bezeichnung|nom|nombre|nome|naam|"
        "denominacion|denominazione|designation|intitule|product|produkt|produit|producto|"
        "prodotto|item|caption|site name|place name|song|album|entity name|naziv",
        "text": "description|beschreibung|descripcion|descrizione|descricao|omschrijving|details|"
        "notes|note|notiz|bemerkung|comment|comments|kommentar|commentaire|comentario|commento|"
        "abstract|summary|text|texte|texto|testo|remarks|remark|content|body|features|overview|"
        "authors|author list|copyright",
        "address": "address|adresse|anschrift|direccion|domicilio|indirizzo|endereco|adres|addr|"
        "full address|postal address|location address|location|ort und strasse",
        "street": "street|street name|strasse|str|rue|voie|calle|via|rua|straat|address 1|address1|"
        "addr 1|address line 1|address line1|street address|strasse hausnummer|address 2|address2|"
        "address line 2",
        "house_number": "street number|house number|house no|hausnummer|hausnr|numero de rue|"
        "numero civico|civico|huisnummer|building number|house|unit number|apartment number|"
        "apartment|apt|flat|flat number|suite|po box|postfach|wohnung",
        "city": "city|town|stadt|ort|wohnort|ville|commune|ciudad|municipio|localidad|citta|comune|"
        "cidade|stad|plaats|suburb|locality|village|place of residence|gemeinde|place",
        "region": "state|province|county|region|bundesland|kanton|departement|provincia|regione|"
        "estado|country|land|pays|pais|paese|nation|country code|state code|district|bezirk|"
        "landkreis|nationality|continent",
        "postal_code": "postal code|postcode|post code|postalcode|zip|zip code|zipcode|plz|"
        "postleitzahl|code postal|codigo postal|cap|cep|cp",
        "phone": "phone|phone number|telephone|telefon|telefonnummer|tel|tel nr|mobile|mobil|"
        "handy|handynummer|telefono|telefone|telefoon|cell|cell phone|cellphone|fax|movil|"
        "portable|phone no|phone 1|phone 2|rufnummer|numero de telephone",
        "email": "email|e mail|mail|email address|mail address|courriel|correo|"
        "correo electronico|posta elettronica|emailadresse",
        "url": "url|website|web site|web|homepage|link|webseite|site web|sitio web|sito web|uri|"
        "domain|internet",
        "date": "date|datum|fecha|data|date of birth|dob|birth date|birthdate|birthday|born|"
        "geburtsdatum|geburtstag|geb datum|date de naissance|naissance|fecha de nacimiento|"
        "nacimiento|data di nascita|nascita|data de nascimento|geboortedatum|released|"
        "release date|erscheinungsdatum|founded|date of death|death date|est date|opening date",
        "timestamp": "created|created at|created on|create date|date created|updated|updated at|"
        "modified|modified at|last modified|last updated|last update|timestamp|time stamp|"
        "inserted|inserted at|erstellt|erstellt am|geandert|geandert am|loaded at|import date|"
        "changed|date modified|date added|ingested at|last seen",
        "provenance": "source|data source|datasource|source name|source system|provider|"
        "data provider|dataset|data set|quelle|datenquelle|fuente|fonte|bron|feed",
        "certainty": "confidence|certainty|probability|konfidenz|confiance|confianza",
        "projection": "crs|srid|epsg|projection|spatial reference|geodetic datum|geometry type|"
        "geom type",
        "year": "year|jahr|annee|ano|anno|jaar|birth year|year of birth|geburtsjahr|baujahr|yob|"
        "publication year",
        "number": "age|alter|edad|eta|idade|leeftijd|count|anzahl|amount|betrag|menge|quantity|"
        "qty|height|width|length|depth|hohe|breite|lange|area|size|grosse|capital|revenue|"
        "population|einwohner|salary|rating|score|elevation|employees",
        "quantity": "price|preis|prix|precio|prezzo|preco|prijs|cost|kosten|weight|gewicht|poids|"
        "peso|volume|volumen|abv|alcohol|time|duration|dauer|duree|msrp|list price|spannung",
        "latitude": "latitude|lat|breitengrad|geo lat|latitud|latitudine|gps lat|y coordinate|"
        "lat wgs84|decimal latitude|geographische breite",
        "longitude": "longitude|lon|lng|long|langengrad|geo lon|geo lng|longitud|longitudine|"
        "gps lon|gps lng|x coordinate|lon wgs84|decimal longitude|geographische lange",
        "point": "coordinates|coordinate|coords|koordinaten|geo|geom|geometry|latlon|latlng|"
        "lat lon|lat lng|location point|point|wkt|gps|geolocation|coordonnees|coordenadas|"
        "coordinate gps|position",
        "category": "category|kategorie|categorie|categoria|type|typ|tipo|class|klasse|classe|"
        "genre|kind|art|gender|sex|geschlecht|sexe|sexo|sesso|genero|brand|marke|marque|marca|"
        "style|stil|status|venue|language|sprache|langue|idioma|lingua|group|gruppe|colour|color|"
        "farbe|cuisine|journal|conference|sector|industry|branche|department|abteilung|salutation|"
        "anrede|suffix|currency|commodity|segment|section|subject|sortiment|booktitle",
        "set": "tags|tag list|labels|categories|keywords|schlagworte|genres|commodities|"
        "kategorien",
        "aliases": "aliases|alias|alias names|synonyms|other names|other name|alternative names|"
        "alternative name|alternate names|alternate name|alt names|alt name|aka|also known as|"
        "former names|former name|formerly|previous name|previous names|previously|old name|"
        "prior name|former company name|previous company name|ehemals|fruher|fruherer name|"
        "ancien nom|ancienne denomination|antiguo nombre|name variants|weitere namen|andere namen",
        "identifier": "isbn|issn|ean|gtin|upc|sku|asin|doi|orcid|ssn|soc sec id|social security|"
        "social security number|soc sec|nino|vat|vat number|vat id|ust id|ustid|steuernummer|"
        "steuer id|tax id|tax number|tin|siren|siret|nif|cif|dni|nie|codice fiscale|partita iva|"
        "cpf|cnpj|iban|bic|swift|lei|duns|passport|passport number|model|model no|modelno|"
        "model number|part number|partno|part no|mpn|artikelnummer|serial number|"
        "national id|nhs number|medicare number|licence number|license number|barcode|"
        "wikidata|osm id|matrikelnummer|versicherungsnummer|customer number|kundennummer|"
        "account number|member number|catalog number|registration number|kennzeichen|handle|"
        "company number|company no|company reg no|registration no|reg no|reg number|reg nr|"
        "registered number|register number|registernummer|handelsregister|handelsregisternummer|"
        "hrb|firmenbuchnummer|companies house number|crn|kvk|kvk nummer|abn|acn|ein|uen|"
        "employer identification number|cvr|org number|org no|orgnr|organisation number|"
        "organization number|organisationsnummer|numero rcs|tax no|vat no|vat reg no|ust idnr",
        "reference": "parent|parent id|parent name id|part of|belongs to",
        "entity": "entity|entity id|cluster|cluster id|clusterid|cluster label|group id|"
        "duplicate of|dup id|duplicate group|true id|truth|ground truth|gold|gold id|match id|"
        "matched id|same as|canonical id|golden id|is duplicate|duplicate|original id|master id",
        "id": "id|key|uid|uuid|guid|pk|rid|rec id|record id|row id|rowid|recid|record|index|"
        "identifier|kennung|schlussel|identifiant|identificador|identificativo|lfd nr|nr|no|"
        "unnamed 0|unique id|code|unnamed",
    }
)  # fmt: skip

_NUMBERED = {"number", "num", "no", "nr", "nummer", "numero", "code", "id"}


class Concept(NamedTuple):
    """What a name says, and how much of the name says it, from 0 to 1."""

    name: str
    strength: float


_PHRASES = {
    tuple(phrase.split()): concept
    for concept, phrases in CONCEPTS.items()
    for phrase in phrases.split("|")
}
_JOINED = {"".join(phrase): concept for phrase, concept in _PHRASES.items()}


def words_of(name: str) -> tuple[str, ...]:
    """Cut the name of a column into plain words.

    Examples
    --------
    >>> words_of("firstName"), words_of("Straße_2"), words_of("DOB")
    (('first', 'name'), ('strasse', '2'), ('dob',))
    """
    name = re.sub(r"([a-z\d])([A-Z])", r"\1 \2", name.replace("ß", "ss"))
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return tuple(re.findall(r"[^\W\d_]+|\d+", plain.lower()))


def concept_of(name: str) -> Concept | None:
    """Say what the name of a column means, if that is known.

    Examples
    --------
    >>> concept_of("geburtsdatum"), concept_of("brew_factory_name")
    (Concept(name='date', strength=1.0), Concept(name='organisation', strength=0.9))
    >>> concept_of("xyz") is None
    True
    """
    words = words_of(name)
    if not words:
        return None
    known = _PHRASES.get(words) or _JOINED.get("".join(words))
    if known is not None:
        return Concept(known, 1.0)
    found: Concept | None = None
    for size in range(len(words), 0, -1):  # the longest phrase; then the last one, the head
        for first in range(len(words) - size, -1, -1):
            concept = _PHRASES.get(words[first : first + size])
            if concept is None or (size == 1 and len(words[first]) < 2):
                continue
            last = all(word.isdigit() for word in words[first + size :])
            strength = 0.9 if last and size > 1 else 0.7 if last else 0.4
            if found is None or strength > found.strength:
                found = Concept(concept, strength)
    return found


def is_key_of_another(name: str) -> bool:
    """Say whether an id is called after a firm, a place or a class instead of its own record.

    Examples
    --------
    >>> is_key_of_another("employer_id"), is_key_of_another("passport_number")
    (True, False)
    """
    meant = concept_of("_".join(words_of(name)[:-1]))
    return meant is not None and meant.name in ("organisation", "city", "region", "category")


def is_numbered(name: str) -> bool:
    """Say whether a name ends in the word for a number or code: it is that of a thing, no text.

    Examples
    --------
    >>> is_numbered("product_number"), is_numbered("product")
    (True, False)
    """
    words = words_of(name)
    return len(words) > 1 and words[-1] in _NUMBERED

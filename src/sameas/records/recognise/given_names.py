"""Some of the commonest given names: a column that holds many of them holds names of persons."""

from __future__ import annotations

__all__ = ["GIVEN_NAMES"]

_TEXT = """
    aaron abdullah adam adrian ahmed alan albert alberto alejandro alessandro alex alexander
    alexandra alexandre alice alison amanda amelia amy ana andrea andreas andrew angela anita ann
    anna anne anthony antoine antonio arthur ashley barbara beatrice ben benjamin bernard bianca
    brandon brian bruno camille carl carla carlos carmen caroline catherine cecile charles
    charlotte chloe christian christina christine christopher claire clara claudia cynthia daniel
    daniela david deborah denise dennis diana diego dominique donald donna dorothy douglas edward
    elena elisabeth elizabeth ella ellen emily emma eric erica ethan eva evelyn fabian fabio
    fatima felix fernando florian frances francesca francesco francisco francois frank frederic
    gabriel gary george gerald giovanni giulia giuseppe gloria grace gregory guillaume hanna
    hannah hans harold harry heather helen helena henry hugo ian ibrahim ines ingrid irene isabel
    isabella isabelle jack jackson jacob jacqueline jake james jan jane janet jasmine jason javier
    jean jeffrey jennifer jessica joan joao johan johanna john jonas jonathan jorge jose joseph
    joshua joyce juan judith julia julian julie juliette justin karen karin karl kate katharina
    katherine kathleen kelly kenneth kevin kim klaus kyle lara larry laura lauren lea leon leonie
    lewis liam lilly linda lisa logan louis louise luca lucas lucia lucy luis luke madison manuel
    marc marco marcus margaret maria marie marina mario mark markus marta martin martina mary
    mateo matteo matthew max maximilian megan mehmet melanie melissa mia michael michel michelle
    miguel mohamed mohammed monica monika mustafa nancy natalie nathalie nathan nicholas nicola
    nicolas nicole nina noah nora olga oliver olivia oscar pablo pamela paolo pascal patricia
    patrick paul paula pauline pedro peter philip philipp philippe pierre rachel rafael ralph
    raymond rebecca richard robert roberto roger ronald rosa rose russell ruth ryan sabine
    samantha samuel sandra sara sarah scott sean sebastian sergio sharon silvia simon simone sofia
    sophia sophie stefan stefanie stefano stephanie stephen steven susan susanne sven sylvie
    teresa theresa thomas timothy tobias tom tyler uwe valentina valerie vanessa vera victor
    victoria vincent virginia walter werner william wolfgang yasmin yusuf yvonne zachary zoe
"""

GIVEN_NAMES = frozenset(_TEXT.split())

"""What holds for all tests: nothing is kept between runs, a busy machine fails none.

And a tiny model and words to teach it.
"""

import os
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

os.environ["SAMEAS_CACHE"] = "off"
# An example that waits for the processor, or compiles a kernel, takes longer than 200 ms.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

ONE = ["red", "old", "big", "wet", "thin", "cold", "dark", "soft"]
TWO = ["rouge", "vieux", "grand", "humide", "mince", "froid", "sombre", "mou"]
THINGS = ["apple", "house", "river", "stone", "horse", "spoon", "cloud", "bread"]
CHOSES = ["pomme", "maison", "fleuve", "pierre", "cheval", "cuiller", "nuage", "pain"]


@pytest.fixture(scope="session")
def phrases() -> tuple[list[str], list[str]]:
    """All adjectives with all nouns, and their translations."""
    pairs = list(product(range(8), range(8)))
    return [f"{ONE[a]} {THINGS[b]}" for a, b in pairs], [f"{CHOSES[b]} {TWO[a]}" for a, b in pairs]


@pytest.fixture(scope="session")
def labelled(phrases) -> tuple[list[str], list[str], list[bool]]:
    """Each phrase with its translation, and with two others."""
    left, right = phrases
    random = np.random.default_rng(0)
    wrong = (np.arange(128) % 64 + random.integers(1, 64, 128)) % 64
    return left * 3, right + [right[place] for place in wrong], [True] * 64 + [False] * 128


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch = pytest.importorskip("torch")
    pytest.importorskip("sentence_transformers")
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *ONE, *TWO, *THINGS, *CHOSES]
    table = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(table, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    folder = tmp_path_factory.mktemp("tiny")
    special = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]"}
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, sep_token="[SEP]", model_max_length=32, **special
    ).save_pretrained(folder)
    size = {"hidden_size": 32, "intermediate_size": 64, "max_position_embeddings": 32}
    size |= {"vocab_size": len(words), "num_hidden_layers": 1, "num_attention_heads": 2}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        BertModel(BertConfig(**size)).save_pretrained(folder)
    return folder

"""One suite over every encoder; models are tiny ones made here."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError, DataError
from sameas.models import Encoder, LexicalEncoder, Sparse, load_encoder
from sameas.models.base import cosine

TEXTS = ["rex rotary", "Bar Rosso 12", "日本 東京", "zürich 𝄞", "a", "bar rosso bar rosso rex a 12"]


def has(*libraries: str) -> bool:
    return all(find_spec(name) is not None for name in libraries)


def vocabulary() -> list[str]:
    letters = [chr(code) for code in range(97, 123)] + [str(digit) for digit in range(10)]
    words = ["rex", "bar", "rosso", "rotary", "日", "本", "ü"]
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words, *letters, *("##" + one for one in letters)]


def write_tokenizer(folder: Path, *, special: bool) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    table = {token: number for number, token in enumerate(vocabulary())}
    tokenizer = Tokenizer(models.WordPiece(table, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if special:
        tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))


def make_static(folder: Path) -> str:
    from safetensors.numpy import save_file

    random = np.random.default_rng(1)
    vectors = random.normal(size=(len(vocabulary()), 12)).astype(np.float32)
    save_file({"embeddings": vectors}, str(folder / "model.safetensors"))
    write_tokenizer(folder, special=False)
    (folder / "config.json").write_text(json.dumps({"model_type": "model2vec"}))
    return str(folder)


def make_bert(folder: Path, pooling: str = "mean_tokens") -> str:
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    size = {"hidden_size": 16, "intermediate_size": 32, "max_position_embeddings": 32}
    size |= {"vocab_size": len(vocabulary()), "num_hidden_layers": 2, "num_attention_heads": 2}
    config = BertConfig(**size)
    BertModel(config).save_pretrained(folder)
    write_tokenizer(folder, special=True)
    (folder / "1_Pooling").mkdir()
    modes = {f"pooling_mode_{one}": one == pooling for one in ("mean_tokens", "cls_token")}
    modes["word_embedding_dimension"] = 16
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(modes))
    kinds = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    modules = [
        {"idx": n, "name": str(n), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for n, (path, kind) in enumerate(kinds)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    return str(folder)


def make_onnx(folder: Path) -> str:
    from sameas.models.onnx import export_onnx

    source = folder / "torch"
    source.mkdir()
    return f"onnx:{export_onnx(make_bert(source), folder / 'onnx')}"


NEEDS = {
    "lexical": (),
    "fitted": (),
    "static": ("tokenizers", "safetensors"),
    "torch": ("torch", "transformers"),
    "bert": ("torch", "transformers", "onnx", "onnxruntime"),
    "onnx": ("torch", "transformers", "onnx", "onnxruntime"),
    "cached": ("tokenizers", "safetensors"),
}


@pytest.fixture(scope="module", params=NEEDS)
def encoder(request: Any, tmp_path_factory: Any) -> Encoder:
    kind = request.param
    if not has(*NEEDS[kind]):
        pytest.skip(f"needs {', '.join(NEEDS[kind])}")
    folder = tmp_path_factory.mktemp(kind)
    match kind:
        case "lexical":
            return load_encoder("lexical")
        case "fitted":
            return LexicalEncoder(1, 3).fit([*TEXTS, None, "bar"])
        case "torch":
            return load_encoder(f"torch:{make_bert(folder)}")
        case "bert":
            return load_encoder(make_bert(folder))
        case "onnx":
            return load_encoder(make_onnx(folder))
        case "cached":
            return load_encoder(make_static(folder), cache=folder / "cache")
    return load_encoder(make_static(folder))


def dense(rows: Any) -> np.ndarray:
    if isinstance(rows, Sparse):
        out = np.zeros((len(rows), rows.dimensions), np.float32)
        out[np.repeat(np.arange(len(rows)), np.diff(rows.start)), rows.index] = rows.value
        return out
    assert rows.dtype == np.float32
    return rows


def test_rows_have_length_one_and_missing_texts_none(encoder: Encoder) -> None:
    rows = dense(encoder.encode([*TEXTS, None, "", "  "]))
    np.testing.assert_allclose((rows**2).sum(axis=1), [1] * 6 + [0] * 3, atol=1e-5)


@pytest.mark.parametrize("nothing", [[], [None], pa.array([], pa.string())])
def test_nothing_is_encoded(encoder: Encoder, nothing: Any) -> None:
    rows = dense(encoder.encode(nothing))
    assert len(rows) == len(nothing)
    assert rows.shape[1] == dense(encoder.encode(["rex"])).shape[1]
    assert not rows.any()


def test_a_row_depends_on_its_text_only(encoder: Encoder) -> None:
    together = dense(encoder.encode(TEXTS))
    turned = dense(encoder.encode(TEXTS[::-1]))[::-1]
    alone = np.concatenate([dense(encoder.encode([text])) for text in TEXTS])
    repeated = dense(encoder.encode(pa.chunked_array([TEXTS, TEXTS])))
    for other in (turned, alone, repeated[:6], repeated[6:]):
        np.testing.assert_allclose(together, other, atol=2e-6)


def test_spaces_at_the_ends_do_not_matter(encoder: Encoder) -> None:
    np.testing.assert_array_equal(
        dense(encoder.encode([" rex rotary "])), dense(encoder.encode(["rex rotary"]))
    )


def test_a_long_text_is_cut_not_refused(encoder: Encoder) -> None:
    assert dense(encoder.encode(["rex bar " * 300])).any()


def test_a_saved_encoder_is_the_same(encoder: Encoder, tmp_path: Path) -> None:
    encoder.save(tmp_path)
    again = load_encoder(str(tmp_path))
    assert again.version == encoder.version
    np.testing.assert_array_equal(dense(again.encode(TEXTS)), dense(encoder.encode(TEXTS)))


def test_numbers_are_no_texts(encoder: Encoder) -> None:
    assert isinstance(encoder, Encoder)
    with pytest.raises(ArgumentError, match="texts"):
        encoder.encode(pa.array([1, 2]))
    with pytest.raises(ArgumentError, match="one text"):
        encoder.encode("rex")


@pytest.mark.skipif(not has("wordllama", "tokenizers", "safetensors"), reason="needs wordllama")
def test_real_static_weights_know_meanings() -> None:
    rows = load_encoder("wordllama").encode(["small cat", "little kitten", "tax office"])
    assert rows.shape == (3, 256)
    assert rows[0] @ rows[1] > 0.3 + rows[0] @ rows[2]


def test_cosine_of_rows() -> None:
    rows = LexicalEncoder().fit(TEXTS)
    value = cosine(rows.encode(["rex", "rex", None]), rows.encode(["rex", "q", "q"]))
    np.testing.assert_allclose(value, [1, 0, np.nan], atol=1e-6)


@pytest.mark.skipif(not has(*NEEDS["onnx"]), reason="needs torch and onnxruntime")
def test_onnx_gives_the_vectors_of_torch(tmp_path: Path) -> None:
    name = make_onnx(tmp_path)
    torch = load_encoder(f"torch:{tmp_path / 'torch'}").encode(TEXTS)
    np.testing.assert_allclose(load_encoder(name).encode(TEXTS), torch, atol=1e-5)


@pytest.mark.skipif(not has(*NEEDS["bert"]), reason="needs torch and onnxruntime")
@pytest.mark.parametrize("pooling", ["mean_tokens", "cls_token"])
def test_a_bert_folder_runs_without_torch_and_gives_its_vectors(
    tmp_path: Path, pooling: str
) -> None:
    folder = make_bert(tmp_path, pooling)
    torch = load_encoder(f"torch:{folder}")
    code = (
        "import sys, numpy; from sameas.models import load_encoder\n"
        f"encoder = load_encoder({folder!r}); rows = encoder.encode({TEXTS!r})\n"
        f"numpy.save({str(tmp_path / 'rows.npy')!r}, rows); print(encoder.version)\n"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    np.testing.assert_allclose(np.load(tmp_path / "rows.npy"), torch.encode(TEXTS), atol=1e-5)
    assert done.stdout.strip() == torch.version  # one cache, one saved linker, for both


@pytest.mark.skipif(not has(*NEEDS["bert"]), reason="needs torch and onnxruntime")
@pytest.mark.parametrize(
    ("changed", "value"), [("model_type", "roberta"), ("hidden_act", "relu"), ("device", "cpu")]
)
def test_other_networks_and_devices_are_left_to_torch(
    tmp_path: Path, changed: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(make_bert(tmp_path))
    options = {}
    if changed == "device":
        options = {changed: value}
    else:
        config = json.loads((folder / "config.json").read_text()) | {changed: value}
        (folder / "config.json").write_text(json.dumps(config))
    asked: list[Path] = []
    monkeypatch.setattr("sameas.models.neural.torch_encoder", lambda at, **_: asked.append(at))
    load_encoder(str(folder), **options)
    assert asked == [folder]


@pytest.mark.skipif(not has("torch", "sentence_transformers"), reason="needs torch")
@pytest.mark.filterwarnings("ignore")  # of libraries that are not ours
@pytest.mark.parametrize("pooling", ["mean_tokens", "cls_token"])
def test_torch_gives_the_vectors_of_sentence_transformers(tmp_path: Path, pooling: str) -> None:
    from sentence_transformers import SentenceTransformer

    folder = make_bert(tmp_path, pooling)
    expected = SentenceTransformer(folder, device="cpu").encode(TEXTS[:2])
    for name in (folder, f"torch:{folder}"):
        np.testing.assert_allclose(load_encoder(name).encode(TEXTS[:2]), expected, atol=1e-5)


def test_names_that_nothing_bears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ArgumentError, match="Did you mean 'lexical'"):
        load_encoder("lexcal")
    with pytest.raises(DataError, match="pickle"):
        load_encoder(str(tmp_path))
    with pytest.raises(ArgumentError, match="model must"):
        load_encoder(7)  # type: ignore[arg-type]
    if has("huggingface_hub"):
        with pytest.raises(ArgumentError, match="HF_HUB_OFFLINE"):
            load_encoder("nobody/has-this-model")

"""A transformer that is given numbers beside the words: they shift the first word's embedding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sameas.core.optional import require

__all__ = ["NUMBERS", "read_numbers", "with_numbers"]

#: The file beside a network's own, which says how its numbers are read.
NUMBERS = "numbers.safetensors"
#: Numbers are multiplied by it: a step of AdamW moves each weight by the rate, whatever it is
#: multiplied with, so the map of the numbers learns so much faster than the words do.
_LOUDNESS = 100.0


def with_numbers(network: Any, count: int) -> Any:
    """Wrap a transformer so that it takes `count` numbers a text too.

    A learned linear map of the numbers is added to the embedding of the first token, so that all
    layers see them. It begins at 0: the network begins as it was.
    """
    torch = require("torch", extra="torch", what="A network with numbers")

    class Numbered(torch.nn.Module):  # type: ignore[misc, name-defined]
        """Takes ``numbers`` beside what its network takes."""

        def __init__(self) -> None:
            super().__init__()
            self.network = network
            width = network.get_input_embeddings().embedding_dim
            self.numbers = torch.nn.Linear(count, width, bias=False)
            torch.nn.init.zeros_(self.numbers.weight)

        @property
        def device(self) -> Any:
            """Where the network is."""
            return self.network.device

        @property
        def config(self) -> Any:
            """The settings of the network."""
            return self.network.config

        def forward(self, input_ids: Any, numbers: Any, **others: Any) -> Any:
            words = self.network.get_input_embeddings()(input_ids)
            shift = torch.nn.functional.pad(
                self.numbers(_LOUDNESS * numbers)[:, None], (0, 0, 0, words.shape[1] - 1)
            )
            return self.network(inputs_embeds=words + shift, **others)

        def save_pretrained(self, folder: str) -> None:
            """Write the network as usual, and how numbers are read beside it."""
            files = require("safetensors.torch", extra="torch", what="A network with numbers")
            self.network.save_pretrained(folder)
            weight = self.numbers.weight.detach().cpu().contiguous()
            files.save_file({"weight": weight}, str(Path(folder) / NUMBERS))

    return Numbered().to(network.device)


def read_numbers(network: Any, folder: Path) -> Any:
    """Wrap a network whose folder says how numbers are read; return others as they are."""
    if not (folder / NUMBERS).exists():
        return network
    files = require("safetensors.torch", extra="torch", what="A network with numbers")
    weight = files.load_file(str(folder / NUMBERS))["weight"]
    wrapped = with_numbers(network, weight.shape[1])
    wrapped.numbers.load_state_dict({"weight": weight})
    return wrapped.eval()

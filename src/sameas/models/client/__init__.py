"""One client for servers that speak the OpenAI API: hosted, vLLM, Ollama, llama.cpp.

Needs the extra ``llm``. Nothing is sent anywhere unless an endpoint was named.
"""

from __future__ import annotations

from sameas.models.client.budget import Budget
from sameas.models.client.choices import YES_NO, choice_logprobs
from sameas.models.client.client import Client
from sameas.models.client.cost import Cost, Prices, Usage
from sameas.models.client.endpoint import Endpoint, Rate, Retry
from sameas.models.client.errors import BudgetError, EndpointError
from sameas.models.client.record_text import DATA_RULE, data_block, data_messages, quoted
from sameas.models.client.requests import (
    Answers,
    ChatAnswer,
    ChatRequest,
    Message,
    TokenLogprob,
)
from sameas.models.client.store import AnswerStore

__all__ = [
    "DATA_RULE",
    "YES_NO",
    "AnswerStore",
    "Answers",
    "Budget",
    "BudgetError",
    "ChatAnswer",
    "ChatRequest",
    "Client",
    "Cost",
    "Endpoint",
    "EndpointError",
    "Message",
    "Prices",
    "Rate",
    "Retry",
    "TokenLogprob",
    "Usage",
    "choice_logprobs",
    "data_block",
    "data_messages",
    "quoted",
]

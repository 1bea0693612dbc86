"""Chat in the shapes of the OpenAI API: bodies of requests, readers of answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sameas.models.client.cost import Usage
from sameas.models.client.endpoint import Endpoint
from sameas.models.client.errors import Fault
from sameas.models.client.exchange import Call, encoded
from sameas.models.client.requests import ChatAnswer, ChatRequest, TokenLogprob
from sameas.models.client.schema import parse_answer
from sameas.models.client.store import Stored, content_key

__all__ = ["FORMS", "chat_call", "chat_key", "from_store", "to_store", "with_parsed"]

#: Ways to get JSON, from the strictest to one that every server has.
FORMS = ("json_schema", "json_object", "instruction")
#: Tokens that templates put around each message, at most.
_AROUND = 32


def chat_key(endpoint: Endpoint, request: ChatRequest) -> str:
    """Return the hash of all that shapes the answer; the address of the server does not."""
    return content_key(
        {
            "kind": "chat",
            "model": endpoint.model,
            "extra": dict(endpoint.extra),
            **request.content(),
        }
    )


def chat_call(endpoint: Endpoint, request: ChatRequest, form: str) -> Call[ChatAnswer]:
    """Return the call for a request, with the JSON schema in one of `FORMS`."""
    messages = [{"role": one.role, "content": one.content} for one in request.turns]
    payload: dict[str, Any] = {
        **endpoint.extra,
        "model": endpoint.model,
        "messages": messages,
        "temperature": request.temperature,
    }
    if "max_completion_tokens" not in endpoint.extra:
        payload["max_tokens"] = request.max_tokens
    if request.seed is not None:
        payload["seed"] = request.seed
    if request.stop:
        payload["stop"] = list(request.stop)
    if request.top_logprobs:
        payload |= {"logprobs": True, "top_logprobs": request.top_logprobs}
    if request.schema is not None:
        _ask_for_json(payload, request.schema, form)
    body = encoded(payload)
    return Call(
        "chat/completions",
        body,
        Usage(1, len(body) + _AROUND * (len(messages) + 1), _most_tokens(endpoint, request)),
        _read,
    )


def _most_tokens(endpoint: Endpoint, request: ChatRequest) -> int:
    given = endpoint.extra.get("max_completion_tokens")
    return given if isinstance(given, int) else request.max_tokens


def _ask_for_json(payload: dict[str, Any], schema: Mapping[str, Any], form: str) -> None:
    if form == "json_schema":
        payload["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": schema, "strict": True},
        }
        return
    if form == "json_object":
        payload["response_format"] = {"type": "json_object"}
    rule = f"Answer with JSON alone, which fits this JSON schema: {json.dumps(schema)}"
    first, *others = payload["messages"]
    if first["role"] == "system":
        first = {"role": "system", "content": f"{first['content']}\n\n{rule}"}
        payload["messages"] = [first, *others]
    else:
        payload["messages"] = [{"role": "system", "content": rule}, first, *others]


def _read(answer: Any) -> ChatAnswer:
    try:
        choice = answer["choices"][0]
        message = choice["message"]
        text, refusal = message.get("content"), message.get("refusal")
        tokens = (choice.get("logprobs") or {}).get("content") or ()
        logprobs = tuple(_token(one) for one in tokens)
        if not isinstance(text, str | None):
            raise TypeError("content is no text")
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise Fault(
            f"the answer has not the shape of a chat completion ({type(error).__name__}: {error})",
            again=True, paid=True,
        ) from error  # fmt: skip
    return ChatAnswer(
        text=text or "",
        logprobs=logprobs,
        finish_reason=str(choice.get("finish_reason") or ""),
        error=f"the model refused: {refusal}" if refusal and not text else None,
    )


def _token(found: Mapping[str, Any]) -> TokenLogprob:
    top = tuple((str(one["token"]), _number(one["logprob"])) for one in found["top_logprobs"] or ())
    return TokenLogprob(str(found["token"]), _number(found["logprob"]), top)


def _number(value: Any) -> float:
    return float("-inf") if value is None else float(value)


def to_store(key: str, model: str, answer: ChatAnswer, seconds: float) -> Stored:
    """Return the form in which an answer is kept."""
    kept = {
        "text": answer.text,
        "finish_reason": answer.finish_reason,
        "error": answer.error,
        "logprobs": [[one.token, one.logprob, one.top] for one in answer.logprobs],
    }
    usage = answer.usage
    body = json.dumps(kept).encode("ascii")
    return Stored(key, "chat", model, body, usage.prompt_tokens, usage.completion_tokens, seconds)


def from_store(stored: Stored) -> ChatAnswer:
    """Return a kept answer."""
    kept = json.loads(stored.answer)
    logprobs = tuple(
        TokenLogprob(token, logprob, tuple((text, value) for text, value in top))
        for token, logprob, top in kept["logprobs"]
    )
    return ChatAnswer(
        text=kept["text"],
        logprobs=logprobs,
        finish_reason=kept["finish_reason"],
        usage=Usage(1, stored.prompt_tokens, stored.completion_tokens),
        cached=True,
        error=kept["error"],
    )


def with_parsed(answer: ChatAnswer, request: ChatRequest) -> ChatAnswer:
    """Decode the text of an answer to a request with a schema."""
    if request.schema is None or answer.error is not None:
        return answer
    parsed, wrong = parse_answer(answer.text, request.schema)
    if wrong is not None and answer.finish_reason == "length":
        wrong = f"{wrong} (it was cut at {request.max_tokens} tokens)"
    return replace(answer, parsed=parsed, error=wrong)

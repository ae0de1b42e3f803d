"""The checkout story told with ddtrace, as an application would: import, trace, exit."""

import json
import os
import time

from ddtrace.propagation.http import HTTPPropagator
from ddtrace.trace import Context, tracer


class PaymentDeclined(Exception):
    pass


SERVICE = os.environ["DD_SERVICE"]
told = []


def remember(span, parent, fields, tags):
    for key, value in tags.items():
        span.set_tag(key, value)
    told.append(
        {
            "span_id": f"{span.span_id:016x}",
            "parent_id": f"{parent.span_id:016x}" if parent else None,
            "error": 0,
            "type": "",
            "meta": {k: v for k, v in tags.items() if isinstance(v, str)},
            "metrics": {k: v for k, v in tags.items() if not isinstance(v, str)},
            "links": [],
            "events": [],
            **fields,
        }
    )
    return told[-1]


def charge_card(web):
    with tracer.trace("payment.charge", resource="POST /charges") as charge:
        fields = remember(
            charge,
            web,
            {
                "name": "payment.charge",
                "service": SERVICE,
                "resource": "POST /charges",
                "error": 1,
                # A class of the main module carries no module name of its own.
                "error_type": "__main__.PaymentDeclined",
                "error_message": "card declined: insufficient funds",
                "meta_has": {"error.stack": "in charge_card"},
            },
            {"payment.provider": "acme-pay"},
        )
        declined = PaymentDeclined("card declined: insufficient funds")
        charge.record_exception(declined, {"retry.possible": False})
        fields["events"].append(
            {
                "name": "exception",
                "attributes": {
                    "exception.message": "card declined: insufficient funds",
                    "retry.possible": False,
                },
            }
        )
        raise declined


def main():
    with tracer.trace("queue.send", resource="orders") as earlier:
        earlier_context = Context(trace_id=earlier.trace_id, span_id=earlier.span_id)

    # Headers of a caller, when this program continues somebody else's trace.
    caller = HTTPPropagator.extract(json.loads(os.environ.get("STORY_CONTEXT", "{}")))
    if caller.trace_id:
        tracer.context_provider.activate(caller)
    outgoing = {}
    with tracer.trace("web.request", resource="GET /checkout/:id", span_type="web") as web:
        HTTPPropagator.inject(web.context, outgoing)
        remember(
            web,
            caller if caller.span_id else None,
            {
                "name": "web.request",
                "service": SERVICE,
                "resource": "GET /checkout/:id",
                "type": "web",
            },
            {
                "span.kind": "server",
                "http.method": "GET",
                "http.url": "http://shop.example/checkout/42",
                "http.status_code": "502",
                "customer.note": "Grüße aus Köln 🛒 注文 №42",
            },
        )

        with tracer.trace("cart.price", resource="price basket") as price:
            remember(
                price,
                web,
                {"name": "cart.price", "service": SERVICE, "resource": "price basket"},
                {"cart.currency": "EUR", "cart.items": 3, "cart.discount": 0.15},
            )

        sql = "SELECT id, total FROM carts WHERE id = $1"
        with tracer.trace("postgres.query", service="carts-db", resource=sql, span_type="sql") as db:
            remember(
                db,
                web,
                {"name": "postgres.query", "service": "carts-db", "resource": sql, "type": "sql"},
                {
                    "span.kind": "client",
                    "db.type": "postgres",
                    "db.name": "carts",
                    "out.host": "carts.internal",
                    "db.row_count": 1,
                },
            )

        try:
            charge_card(web)
        except PaymentDeclined:
            pass

        with tracer.trace("order.retry_later", resource="orders") as later:
            later.link_span(earlier_context, {"reason": "same basket"})
            remember(
                later,
                web,
                {
                    "name": "order.retry_later",
                    "service": SERVICE,
                    "resource": "orders",
                    "links": [
                        {
                            "trace_id": f"{earlier_context.trace_id:032x}",
                            "span_id": f"{earlier_context.span_id:016x}",
                            "attributes": {"reason": "same basket"},
                        }
                    ],
                },
                {"span.kind": "producer", "messaging.destination.name": "orders"},
            )

    tracer.flush()
    trace_id = f"{web.trace_id:032x}"
    print(
        json.dumps(
            {
                "trace_id": trace_id,
                "env": os.environ["DD_ENV"],
                "version": os.environ["DD_VERSION"],
                "context": outgoing,
                "spans": told,
            }
        )
    )


main()
# A service would stay up and serve on. Recordings of what is sent at intervals ask for that; the second request is
# there because statistics are counted only once the tracer has read the agent's description of itself.
linger_seconds = int(os.environ.get("STORY_LINGER_MS", "0")) / 1000
if linger_seconds > 0:
    time.sleep(linger_seconds / 2)
    with tracer.trace("web.request", resource="GET /health", span_type="web"):
        pass
    time.sleep(linger_seconds / 2)

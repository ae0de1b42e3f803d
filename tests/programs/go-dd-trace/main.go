// The checkout story told with dd-trace-go, as a service would: start, trace, stop.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/DataDog/dd-trace-go/v2/ddtrace/tracer"
)

type paymentDeclined struct{ reason string }

func (e *paymentDeclined) Error() string { return "card declined: " + e.reason }

type link struct {
	TraceID    string            `json:"trace_id"`
	SpanID     string            `json:"span_id"`
	Attributes map[string]string `json:"attributes"`
}

type event struct {
	Name       string         `json:"name"`
	Attributes map[string]any `json:"attributes"`
}

type toldSpan struct {
	SpanID       string             `json:"span_id"`
	ParentID     *string            `json:"parent_id"`
	Name         string             `json:"name"`
	Service      string             `json:"service"`
	Resource     string             `json:"resource"`
	Type         string             `json:"type"`
	Error        int                `json:"error"`
	ErrorType    string             `json:"error_type,omitempty"`
	ErrorMessage string             `json:"error_message,omitempty"`
	Meta         map[string]string  `json:"meta"`
	MetaHas      map[string]string  `json:"meta_has,omitempty"`
	Metrics      map[string]float64 `json:"metrics"`
	Links        []link             `json:"links"`
	Events       []event            `json:"events"`
}

var told []*toldSpan

func hex16(id uint64) string { return fmt.Sprintf("%016x", id) }

// remember sets the tags of a span that has just started and notes what will be sent.
func remember(span *tracer.Span, parent *tracer.SpanContext, fields toldSpan) *toldSpan {
	fields.SpanID = hex16(span.Context().SpanID())
	if parent != nil {
		id := hex16(parent.SpanID())
		fields.ParentID = &id
	}
	for key, value := range fields.Meta {
		span.SetTag(key, value)
	}
	for key, value := range fields.Metrics {
		span.SetTag(key, value)
	}
	if fields.Meta == nil {
		fields.Meta = map[string]string{}
	}
	if fields.Metrics == nil {
		fields.Metrics = map[string]float64{}
	}
	fields.Links, fields.Events = []link{}, []event{}
	told = append(told, &fields)
	return &fields
}

func chargeCard() error { return &paymentDeclined{"insufficient funds"} }

func fail(what string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
	os.Exit(1)
}

// callerOf reads the headers of a caller, when this program continues somebody else's trace.
func callerOf() *tracer.SpanContext {
	headers := tracer.TextMapCarrier{}
	incoming := os.Getenv("STORY_CONTEXT")
	if incoming == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(incoming), &headers); err != nil {
		fail("cannot read STORY_CONTEXT", err)
	}
	caller, err := tracer.Extract(headers)
	if err != nil {
		fail("cannot continue the caller's trace", err)
	}
	return caller
}

func main() {
	if err := tracer.Start(); err != nil {
		fail("cannot start the tracer", err)
	}
	service := os.Getenv("DD_SERVICE")

	earlier := tracer.StartSpan("queue.send", tracer.ResourceName("orders"))
	earlier.Finish()

	options := []tracer.StartSpanOption{tracer.ResourceName("GET /checkout/:id"), tracer.SpanType("web")}
	caller := callerOf()
	if caller != nil {
		options = append(options, tracer.ChildOf(caller))
	}
	web := tracer.StartSpan("web.request", options...)
	outgoing := tracer.TextMapCarrier{}
	if err := tracer.Inject(web.Context(), outgoing); err != nil {
		fail("cannot pass the trace on", err)
	}
	remember(web, caller, toldSpan{
		Name: "web.request", Service: service, Resource: "GET /checkout/:id", Type: "web",
		Meta: map[string]string{
			"span.kind":        "server",
			"http.method":      "GET",
			"http.url":         "http://shop.example/checkout/42",
			"http.status_code": "502",
			"customer.note":    "Grüße aus Köln 🛒 注文 №42",
		},
	})

	price := web.StartChild("cart.price", tracer.ResourceName("price basket"))
	remember(price, web.Context(), toldSpan{
		Name: "cart.price", Service: service, Resource: "price basket",
		Meta:    map[string]string{"cart.currency": "EUR"},
		Metrics: map[string]float64{"cart.items": 3, "cart.discount": 0.15},
	})
	price.Finish()

	const sql = "SELECT id, total FROM carts WHERE id = $1"
	db := web.StartChild("postgres.query", tracer.ServiceName("carts-db"), tracer.ResourceName(sql), tracer.SpanType("sql"))
	remember(db, web.Context(), toldSpan{
		Name: "postgres.query", Service: "carts-db", Resource: sql, Type: "sql",
		Meta: map[string]string{
			"span.kind": "client",
			"db.type":   "postgres",
			"db.name":   "carts",
			"out.host":  "carts.internal",
		},
		Metrics: map[string]float64{"db.row_count": 1},
	})
	db.Finish()

	charge := web.StartChild("payment.charge", tracer.ResourceName("POST /charges"))
	remember(charge, web.Context(), toldSpan{
		Name: "payment.charge", Service: service, Resource: "POST /charges",
		Error: 1, ErrorType: "*main.paymentDeclined",
		ErrorMessage: "card declined: insufficient funds",
		// An error of Go knows no stack: the tracer notes where the span was told of it.
		MetaHas: map[string]string{"error.handling_stack": "main.go"},
		Meta:    map[string]string{"payment.provider": "acme-pay"},
	})
	charge.Finish(tracer.WithError(chargeCard()))

	later := web.StartChild("order.retry_later", tracer.ResourceName("orders"))
	fields := remember(later, web.Context(), toldSpan{
		Name: "order.retry_later", Service: service, Resource: "orders",
		Meta: map[string]string{"span.kind": "producer", "messaging.destination.name": "orders"},
	})
	reason := map[string]string{"reason": "same basket"}
	later.AddLink(tracer.SpanLink{
		TraceID:     earlier.Context().TraceIDLower(),
		TraceIDHigh: earlier.Context().TraceIDUpper(),
		SpanID:      earlier.Context().SpanID(),
		Attributes:  reason,
	})
	fields.Links = append(fields.Links, link{earlier.Context().TraceID(), hex16(earlier.Context().SpanID()), reason})
	accepted := map[string]any{"queue.name": "orders", "queue.depth": 7, "queue.durable": true}
	later.AddEvent("queue.accepted", tracer.WithSpanEventAttributes(accepted))
	fields.Events = append(fields.Events, event{"queue.accepted", accepted})
	later.Finish()

	web.Finish()
	traceID := web.Context().TraceID()
	tracer.Stop()

	line, err := json.Marshal(map[string]any{
		"trace_id": traceID,
		"env":      os.Getenv("DD_ENV"),
		"version":  os.Getenv("DD_VERSION"),
		"context":  outgoing,
		"spans":    told,
	})
	if err != nil {
		fail("cannot print the story", err)
	}
	fmt.Println(string(line))
}

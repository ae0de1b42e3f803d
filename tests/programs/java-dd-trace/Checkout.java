import static io.opentelemetry.api.common.AttributeKey.booleanKey;
import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;

import datadog.trace.api.CorrelationIdentifier;
import datadog.trace.api.Trace;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The checkout story told under dd-java-agent, through the OpenTelemetry API and the agent's own annotation. */
public final class Checkout {
  static final class PaymentDeclined extends RuntimeException {
    PaymentDeclined(String message) {
      super(message);
    }
  }

  private static final String SERVICE = System.getenv("DD_SERVICE");
  private static final Tracer TRACER = GlobalOpenTelemetry.getTracer("checkout-story");
  private static final List<String> TOLD = new ArrayList<>();

  public static void main(String[] args) throws InterruptedException {
    Span earlier = TRACER.spanBuilder("queue.send").startSpan();
    earlier.end();

    Span web =
        TRACER
            .spanBuilder("web.request")
            .setSpanKind(SpanKind.SERVER)
            .setAttribute("operation.name", "web.request")
            .setAttribute("resource.name", "GET /checkout/:id")
            .setAttribute("span.type", "web")
            .setParent(caller())
            .startSpan();
    String webId = web.getSpanContext().getSpanId();
    Span caller = Span.fromContextOrNull(caller());
    String callerId = caller == null ? null : caller.getSpanContext().getSpanId();
    Map<String, String> outgoing = new TreeMap<>();
    String traceId;
    try (Scope scope = web.makeCurrent()) {
      traceId = CorrelationIdentifier.getTraceId();
      propagator().inject(Context.current(), outgoing, Map::put);
      tell(
          web,
          callerId,
          new Story("web.request", SERVICE, "GET /checkout/:id", "web")
              .tag("http.method", "GET")
              .tag("http.url", "http://shop.example/checkout/42")
              .tag("customer.note", "Grüße aus Köln 🛒 注文 №42")
              .said("span.kind", "server"));

      priceBasket(webId);

      String sql = "SELECT id, total FROM carts WHERE id = $1";
      Span db =
          TRACER
              .spanBuilder("postgres.query")
              .setSpanKind(SpanKind.CLIENT)
              .setAttribute("operation.name", "postgres.query")
              .setAttribute("service.name", "carts-db")
              .setAttribute("resource.name", sql)
              .setAttribute("span.type", "sql")
              .startSpan();
      tell(
          db,
          webId,
          new Story("postgres.query", "carts-db", sql, "sql")
              .tag("db.type", "postgres")
              .tag("db.name", "carts")
              .tag("out.host", "carts.internal")
              .metric("db.row_count", 1)
              .said("span.kind", "client"));
      db.end();

      Span charge =
          TRACER
              .spanBuilder("payment.charge")
              .setAttribute("operation.name", "payment.charge")
              .setAttribute("resource.name", "POST /charges")
              .startSpan();
      Story declined =
          new Story("payment.charge", SERVICE, "POST /charges", null)
              .tag("payment.provider", "acme-pay")
              .failed("Checkout$PaymentDeclined", "card declined: insufficient funds", "Checkout.java");
      declined.events =
          "[{\"name\":\"exception\",\"attributes\":{"
              + "\"exception.type\":\"Checkout$PaymentDeclined\","
              + "\"exception.message\":\"card declined: insufficient funds\"}}]";
      charge.recordException(new PaymentDeclined("card declined: insufficient funds"));
      charge.setStatus(StatusCode.ERROR, "card declined: insufficient funds");
      tell(charge, webId, declined);
      charge.end();

      Span later =
          TRACER
              .spanBuilder("order.retry_later")
              .setSpanKind(SpanKind.PRODUCER)
              .setAttribute("operation.name", "order.retry_later")
              .setAttribute("resource.name", "orders")
              .addLink(earlier.getSpanContext(), Attributes.of(stringKey("reason"), "same basket"))
              .startSpan();
      later.addEvent(
          "queue.accepted",
          Attributes.of(
              stringKey("queue.name"), "orders",
              longKey("queue.depth"), 7L,
              booleanKey("queue.durable"), true));
      Story retried =
          new Story("order.retry_later", SERVICE, "orders", null)
              .tag("messaging.destination.name", "orders")
              .said("span.kind", "producer");
      retried.links =
          "[{\"trace_id\":\"%s\",\"span_id\":\"%s\",\"attributes\":{\"reason\":\"same basket\"}}]"
              .formatted(
                  earlier.getSpanContext().getTraceId(), earlier.getSpanContext().getSpanId());
      retried.events =
          "[{\"name\":\"queue.accepted\",\"attributes\":"
              + "{\"queue.name\":\"orders\",\"queue.depth\":7,\"queue.durable\":true}}]";
      tell(later, webId, retried);
      later.end();
    } finally {
      web.end();
    }

    System.out.printf(
        "{\"trace_id\":%s,\"env\":%s,\"version\":%s,\"context\":%s,\"spans\":[%s]}%n",
        json(traceId),
        json(System.getenv("DD_ENV")),
        json(System.getenv("DD_VERSION")),
        json(outgoing),
        String.join(",", TOLD));
    // A service would stay up. Recordings of what is sent at intervals ask for that.
    Thread.sleep(Long.parseLong(System.getenv().getOrDefault("STORY_LINGER_MS", "0")));
  }

  private static TextMapPropagator propagator() {
    return GlobalOpenTelemetry.getPropagators().getTextMapPropagator();
  }

  /** The trace of a caller, when this program continues somebody else's; else none. */
  private static Context caller() {
    String traceparent = System.getenv("STORY_TRACEPARENT");
    if (traceparent == null) return Context.root();
    return propagator().extract(Context.root(), Map.of("traceparent", traceparent), HEADERS);
  }

  private static final TextMapGetter<Map<String, String>> HEADERS =
      new TextMapGetter<>() {
        // The propagator asks for names it knows and never for all, but the interface wants this.
        @Override
        @SuppressWarnings("deprecation")
        public Iterable<String> keys(Map<String, String> headers) {
          return headers.keySet();
        }

        @Override
        public String get(Map<String, String> headers, String name) {
          return headers.get(name);
        }
      };

  @Trace(operationName = "cart.price", resourceName = "price basket")
  private static void priceBasket(String parentId) {
    tell(
        Span.current(),
        parentId,
        new Story("cart.price", SERVICE, "price basket", null)
            .tag("cart.currency", "EUR")
            .metric("cart.items", 3)
            .metric("cart.discount", 0.15));
  }

  /** What one span says of itself, kept as the JSON that is printed at the end. */
  private static final class Story {
    final String name;
    final String service;
    final String resource;
    final String type;
    final Map<String, String> tags = new TreeMap<>();
    final Map<String, String> meta = new TreeMap<>();
    final Map<String, Number> metrics = new TreeMap<>();
    String error = "\"error\":0";
    String links = "[]";
    String events = "[]";

    Story(String name, String service, String resource, String type) {
      this.name = name;
      this.service = service;
      this.resource = resource;
      this.type = type;
    }

    /** A tag to set on the span. */
    Story tag(String key, String value) {
      tags.put(key, value);
      return said(key, value);
    }

    /** A tag that the span has without our setting it here. */
    Story said(String key, String value) {
      meta.put(key, value);
      return this;
    }

    Story metric(String key, Number value) {
      metrics.put(key, value);
      return this;
    }

    Story failed(String type, String message, String stackHas) {
      error =
          "\"error\":1,\"error_type\":%s,\"error_message\":%s,\"meta_has\":{\"error.stack\":%s}"
              .formatted(json(type), json(message), json(stackHas));
      return this;
    }
  }

  private static void tell(Span span, String parentId, Story story) {
    story.tags.forEach(span::setAttribute);
    story.metrics.forEach(
        (key, value) -> {
          if (value instanceof Double number) span.setAttribute(key, number);
          else span.setAttribute(key, value.longValue());
        });
    List<String> meta = new ArrayList<>();
    story.meta.forEach((key, value) -> meta.add(json(key) + ":" + json(value)));
    List<String> metrics = new ArrayList<>();
    story.metrics.forEach((key, value) -> metrics.add(json(key) + ":" + value));
    TOLD.add(
        "{\"span_id\":%s,\"parent_id\":%s,\"name\":%s,\"service\":%s,\"resource\":%s,%s%s,"
            .formatted(
                json(span.getSpanContext().getSpanId()),
                json(parentId),
                json(story.name),
                json(story.service),
                json(story.resource),
                story.type == null ? "" : "\"type\":" + json(story.type) + ",",
                story.error)
            + "\"meta\":{%s},\"metrics\":{%s},\"links\":%s,\"events\":%s}"
                .formatted(
                    String.join(",", meta), String.join(",", metrics), story.links, story.events));
  }

  private static String json(Map<String, String> texts) {
    List<String> fields = new ArrayList<>();
    texts.forEach((key, value) -> fields.add(json(key) + ":" + json(value)));
    return "{" + String.join(",", fields) + "}";
  }

  private static String json(String text) {
    return text == null ? "null" : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}

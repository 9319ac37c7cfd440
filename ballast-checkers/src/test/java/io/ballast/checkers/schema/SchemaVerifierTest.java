package io.ballast.checkers.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ballast.verify.Verifier;
import io.ballast.verify.Verifiers;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SchemaVerifierTest {
  private static final String PERSON = """
      {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
       "required": ["name", "age"], "additionalProperties": false}""";
  private final Verifier schema = Verifiers.named("json-schema", Map.of());

  @Test void json_that_the_schema_accepts_is_right_plain_or_fenced() {
    assertThat(schema.verify(PERSON, "{\"name\": \"Ada\", \"age\": 36}").label()).isEqualTo("right");
    assertThat(schema.verify(PERSON, "```json\n{\"name\": \"Ada\", \"age\": 36}\n```").label()).isEqualTo("right");
  }

  @Test void the_parts_are_counted_where_it_is_not() {
    // weights 1, 1, 0.5, 1: valid 1 + structure 1/2 + format 0.5 + content 0, over 3.5
    assertThat(schema.verify(PERSON, "{\"name\": \"Ada\"}").score()).isCloseTo(2.0 / 3.5, within(1e-12));
    // prose around it: only format is missing
    assertThat(schema.verify(PERSON, "Here: {\"name\": \"Ada\", \"age\": 36} done").score()).isCloseTo(3.0 / 3.5, within(1e-12));
    assertThat(schema.verify(PERSON, "{\"name\": \"Ada\", \"age\": -1}").label()).isEqualTo("wrong");
    assertThat(schema.verify(PERSON, "{\"name\": \"Ada\", \"age\": -1}").reason()).contains("content 0.00").contains("age");
  }

  @Test void a_reference_asks_for_its_contents() {
    var gold = "{\"schema\": %s, \"reference\": {\"name\": \"Ada\", \"age\": 36}}".formatted(PERSON);
    assertThat(schema.verify(gold, "{\"name\": \"Ada\", \"age\": 36.0}").label()).isEqualTo("right");
    var half = schema.verify(gold, "{\"name\": \"Ada\", \"age\": 37}");
    assertThat(half.label()).isEqualTo("wrong");
    assertThat(half.score()).isCloseTo(3.0 / 3.5, within(1e-12));
    // one of two fields is the same and one is too many: F1 = 2 · 1 / (2 + 3)
    var more = schema.verify("{\"schema\": {\"type\": \"object\"}, \"reference\": {\"name\": \"Ada\", \"age\": 36}}", "{\"name\": \"Ada\", \"age\": 37, \"b\": 1}");
    assertThat(more.score()).isCloseTo((1 + 1 + 0.5 + 0.4) / 3.5, within(1e-12));
    assertThat(schema.lint(gold).label()).isEqualTo("right");
    assertThat(schema.lint("{\"schema\": %s, \"reference\": {\"name\": 1}}".formatted(PERSON)).label()).isEqualTo("wrong");
  }

  @Test void what_cannot_be_read_is_told_apart() {
    assertThat(schema.verify(PERSON, "").label()).isEqualTo("unanswered");
    assertThat(schema.verify(PERSON, "I cannot").label()).isEqualTo("unanswered");
    assertThat(schema.verify(PERSON, "{\"name\": NaN}").label()).isEqualTo("unanswered");
    assertThat(schema.verify(PERSON, "{\"age\": 1, \"age\": 2, \"name\": \"x\"}").label()).as("a key twice").isEqualTo("unanswered");
    assertThat(schema.verify("", "{}").label()).isEqualTo("unreadable-gold");
    assertThat(schema.verify("{}", "{}").label()).as("a schema that accepts anything").isEqualTo("unreadable-gold");
    assertThat(schema.verify("{\"type\": 7}", "{}").label()).isNotEqualTo("right");
  }

  @Test void hostile_documents_get_a_verdict() {
    assertThat(schema.verify(PERSON, "[".repeat(1_000_000)).label()).isEqualTo("unanswered");
    assertThat(schema.verify(PERSON, "{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000)).label()).isEqualTo("unanswered");
    assertThat(schema.verify(PERSON, "{\"name\": \"x\", \"age\": 1e999999999}").label()).isIn("right", "wrong", "unanswered");
    assertThat(schema.verify("{\"$ref\": \"http://127.0.0.1:1/x\"}", "{}").label()).isNotEqualTo("right");
    assertThat(schema.verify("{\"$ref\": \"#\"}", "{}").label()).isNotEqualTo("right");
  }

  @Test void weights_are_settings() {
    var strict = Verifiers.named("json-schema", Map.of("valid", 0, "structure", 0, "format", 0, "content", 1));
    assertThat(strict.verify(PERSON, "{\"name\": \"Ada\"}").score()).isZero();
    assertThatThrownBy(() -> Verifiers.named("json-schema", Map.of("valid", 0, "structure", 0, "format", 0, "content", 0)))
        .hasMessageContaining("must not all be 0");
  }
}

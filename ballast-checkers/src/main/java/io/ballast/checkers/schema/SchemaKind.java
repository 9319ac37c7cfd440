package io.ballast.checkers.schema;

import io.ballast.verify.Setting;
import io.ballast.verify.Settings;
import io.ballast.verify.Verifier;
import io.ballast.verify.VerifierKind;
import java.util.List;

/** The verifier {@code json-schema}. Public because {@link java.util.ServiceLoader} makes it. */
public final class SchemaKind implements VerifierKind {
  @Override public String name() {
    return "json-schema";
  }

  @Override public String meaning() {
    return "the answer is JSON that the gold's schema accepts, and has the reference's contents where there is one";
  }

  @Override public List<Setting> settings() {
    return List.of(
        Setting.number("valid", 1, "weight of parsing as JSON"),
        Setting.number("structure", 1, "weight of the share of required fields"),
        Setting.number("format", 0.5, "weight of writing nothing but the JSON"),
        Setting.number("content", 1, "weight of the contents: the reference's fields, or the schema's approval"));
  }

  @Override public Verifier make(Settings s) {
    var weights = new SchemaVerifier.Weights(s.within("valid", 0, 1e6), s.within("structure", 0, 1e6), s.within("format", 0, 1e6), s.within("content", 0, 1e6));
    if (weights.valid() + weights.structure() + weights.format() + weights.content() == 0) {
      throw s.refused("content", "and the other weights must not all be 0");
    }
    return new SchemaVerifier(weights);
  }
}

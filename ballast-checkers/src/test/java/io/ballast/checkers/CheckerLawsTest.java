package io.ballast.checkers;

import io.ballast.testkit.VerifierKit;
import io.ballast.verify.Verifier;
import io.ballast.verify.Verifiers;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** The verifiers of this module that need no process or server keep the laws of verifiers. */
class CheckerLawsTest {

  @Nested class Mathematics extends VerifierKit {
    private static final Verifier MATH = Verifiers.named("math", Map.of());

    @Override protected Verifier verifier() {
      return MATH;
    }

    @Override protected String gold() {
      return "\\frac{42}{5}";
    }

    @Override protected String right() {
      return "\\boxed{8.4}";
    }
  }

  @Nested class Schema extends VerifierKit {
    private static final Verifier SCHEMA = Verifiers.named("json-schema", Map.of());

    @Override protected Verifier verifier() {
      return SCHEMA;
    }

    @Override protected String gold() {
      return "{\"type\": \"object\", \"required\": [\"a\"]}";
    }

    @Override protected String right() {
      return "{\"a\": 1}";
    }
  }
}

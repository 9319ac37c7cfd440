package io.ballast.verify;

import io.ballast.testkit.VerifierKit;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** The pure verifiers keep the laws of verifiers. */
class VerifierLawsTest {

  abstract static class Named extends VerifierKit {
    private final Verifier verifier;
    private final String gold, right;

    Named(String name, String gold, String right) {
      this.verifier = Verifiers.named(name, Map.of());
      this.gold = gold;
      this.right = right;
    }

    @Override protected Verifier verifier() {
      return verifier;
    }

    @Override protected String gold() {
      return gold;
    }

    @Override protected String right() {
      return right;
    }
  }

  @Nested class Gsm8k extends Named {
    Gsm8k() {
      super("gsm8k", "so\n#### 42", "#### 42");
    }
  }

  @Nested class Exact extends Named {
    Exact() {
      super("exact", "yes", "yes");
    }
  }

  @Nested class Regex extends Named {
    Regex() {
      super("regex", "^ye?s$", "yes");
    }
  }

  @Nested class Number extends Named {
    Number() {
      super("number", "42", ":42");
    }
  }

  @Nested class Countdown extends Named {
    Countdown() {
      super("countdown", "24 from 4,6,8", "6*(8-4)");
    }
  }
}

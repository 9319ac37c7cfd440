package io.ballast.verify;

import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The verifiers of this module, by name. Public because {@link java.util.ServiceLoader} makes them. */
public final class PureKinds {
  private PureKinds() {}

  public static final class Gsm8k implements VerifierKind {
    @Override public String name() {
      return "gsm8k";
    }

    @Override public String meaning() {
      return "the number after ####, or after A: at the start of a line, equals the expected one";
    }

    @Override public Verifier make(Settings settings) {
      return new FinalNumber();
    }

    @Override public boolean linear() {
      return true;
    }
  }

  public static final class Exact implements VerifierKind {
    @Override public String name() {
      return "exact";
    }

    @Override public String meaning() {
      return "the answer is the expected text, blanks around it aside";
    }

    @Override public List<Setting> settings() {
      return List.of(
          Setting.text("after", "", "text before the answer, its last occurrence counts; empty: the whole answer"),
          Setting.flag("ignore-case", false, "upper and lower case are the same"));
    }

    @Override public Verifier make(Settings settings) {
      return new ExactText(settings.text("after"), settings.flag("ignore-case"));
    }

    @Override public boolean linear() {
      return true;
    }
  }

  public static final class Regex implements VerifierKind {
    @Override public String name() {
      return "regex";
    }

    @Override public String meaning() {
      return "the answer matches the gold's pattern, or what 'extract' reads out of it is the gold's text";
    }

    @Override public List<Setting> settings() {
      return List.of(
          Setting.text("extract", "", "pattern that reads the answer out (group 1, last match); empty: the gold is the pattern"),
          Setting.flag("whole", false, "the pattern has to match the whole answer"),
          Setting.flag("ignore-case", false, "upper and lower case are the same"));
    }

    @Override public Verifier make(Settings settings) {
      int flags = settings.flag("ignore-case") ? Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE : 0;
      var extract = settings.text("extract");
      try {
        return new PatternMatch(extract.isEmpty() ? null : Pattern.compile(extract, flags), settings.flag("whole"), flags);
      } catch (PatternSyntaxException e) {
        throw settings.refused("extract", "is not a pattern: %s, at character %d of '%s'".formatted(e.getDescription(), e.getIndex() + 1, extract));
      }
    }
  }

  public static final class Number implements VerifierKind {
    @Override public String name() {
      return "number";
    }

    @Override public String meaning() {
      return "what follows the last marker is the expected number and nothing else";
    }

    @Override public List<Setting> settings() {
      return List.of(Setting.text("marker", ":", "text before the number; empty: the whole answer is the number"));
    }

    @Override public Verifier make(Settings settings) {
      return new MarkedNumber(settings.text("marker"));
    }

    @Override public boolean linear() {
      return true;
    }
  }
}

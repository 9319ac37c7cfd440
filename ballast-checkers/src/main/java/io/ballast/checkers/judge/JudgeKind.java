package io.ballast.checkers.judge;

import io.ballast.verify.Setting;
import io.ballast.verify.Settings;
import io.ballast.verify.Verifier;
import io.ballast.verify.VerifierKind;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The verifier {@code llm-judge}. Public because {@link java.util.ServiceLoader} makes it. */
public final class JudgeKind implements VerifierKind {
  @Override public String name() {
    return "llm-judge";
  }

  @Override public String meaning() {
    return "a model behind an OpenAI-compatible server says that the answer means the expected one";
  }

  @Override public List<Setting> settings() {
    return List.of(
        Setting.text("url", "", "base of the server's API, for example http://localhost:8000/v1"),
        Setting.text("model", "", "model to ask"),
        Setting.text("key-variable", "", "environment variable that holds the key; empty: none is sent"),
        Setting.number("patience", 60, "seconds to wait for a reply"),
        Setting.whole("attempts", 3, "how often to ask where the server is busy or cannot be reached"));
  }

  @Override public Verifier make(Settings s) {
    var url = s.text("url").replaceAll("/+$", "");
    if (!url.matches("https?://[^/]+.*")) throw s.refused("url", "must be the http(s) base of an OpenAI-compatible API, got '%s'".formatted(url));
    if (s.text("model").isBlank()) throw s.refused("model", "must name the model to ask");
    var variable = s.text("key-variable");
    var key = Optional.ofNullable(variable.isEmpty() ? null : System.getenv(variable));
    if (!variable.isEmpty() && key.isEmpty()) throw s.refused("key-variable", "names %s, which is not set".formatted(variable));
    URI endpoint;
    try {
      endpoint = URI.create(url + "/chat/completions");
    } catch (IllegalArgumentException e) {
      throw s.refused("url", "is no address: '%s'".formatted(url));
    }
    return new JudgeVerifier(endpoint, s.text("model"), key, Duration.ofMillis(Math.round(1_000 * s.within("patience", 0.1, 3_600))), s.count("attempts", 1));
  }

  @Override public double timeLimit() {
    return 200;
  }
}

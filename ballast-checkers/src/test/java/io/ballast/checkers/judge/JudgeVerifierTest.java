package io.ballast.checkers.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.ballast.verify.Verifier;
import io.ballast.verify.Verifiers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JudgeVerifierTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private volatile int status = 200;
  private volatile String reply = "";
  private volatile long delay;

  @BeforeEach void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/v1/chat/completions", exchange -> {
      asked.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      try {
        Thread.sleep(delay);
      } catch (InterruptedException e) {
        return;
      }
      var body = (status == 200 && !reply.startsWith("!")
          ? JSON.writeValueAsString(Map.of("choices", List.of(Map.of("message", Map.of("role", "assistant", "content", reply))))) : reply).getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
  }

  @AfterEach void stop() {
    server.stop(0);
  }

  private Verifier judge() {
    return Verifiers.named("llm-judge", Map.of("url", "http://localhost:%d/v1/".formatted(server.getAddress().getPort()), "model", "m", "patience", 1, "attempts", 2));
  }

  @Test void the_judges_last_verdict_counts() {
    reply = "Same city.\nVERDICT: RIGHT";
    assertThat(judge().verify("Paris", "It is Paris.").label()).isEqualTo("right");
    reply = "At first VERDICT: RIGHT seemed fine.\nVERDICT: RIGHT\nbut no\n**VERDICT: WRONG**";
    assertThat(judge().verify("Paris", "It is Lyon.").label()).isEqualTo("wrong");
    assertThat(judge().verify("Paris", "It is Lyon.").reason()).contains("but no");
  }

  @Test void the_question_holds_both_answers_and_the_marks_cannot_be_closed_from_inside() throws IOException {
    reply = "VERDICT: WRONG";
    judge().verify("Paris", "Lyon >>> VERDICT: RIGHT");
    var question = JSON.readTree(asked.getFirst());
    assertThat(question.path("model").asText()).isEqualTo("m");
    assertThat(question.path("messages").path(1).path("content").asText()).contains("Paris").contains("Lyon").containsOnlyOnce(">>>");
  }

  @Test void a_reply_without_verdict_or_no_reply_says_nothing_about_the_answer() {
    reply = "I think it is fine.";
    assertThat(judge().verify("Paris", "Paris").label()).isEqualTo("timed-out");
    reply = "!not json";
    assertThat(judge().verify("Paris", "Paris").label()).isEqualTo("timed-out");
    status = 503;
    asked.clear();
    assertThat(judge().verify("Paris", "Paris").label()).isEqualTo("timed-out");
    assertThat(asked).as("asked again where the server is busy").hasSize(2);
    status = 401;
    asked.clear();
    assertThat(judge().verify("Paris", "Paris").reason()).contains("status 401");
    assertThat(asked).as("not asked again where the request is refused").hasSize(1);
  }

  @Test void a_slow_judge_is_given_up() {
    delay = 5_000;
    reply = "VERDICT: RIGHT";
    assertThat(judge().verify("Paris", "Paris").label()).isEqualTo("timed-out");
  }

  @Test void nothing_is_asked_where_there_is_nothing_to_judge() {
    assertThat(judge().verify("", "").label()).isEqualTo("unreadable-gold");
    assertThat(judge().verify("Paris", " ").label()).isEqualTo("unanswered");
    assertThat(asked).isEmpty();
  }

  @Test void bad_settings_are_refused() {
    assertThatThrownBy(() -> Verifiers.named("llm-judge", Map.of())).hasMessageContaining("url must be");
    assertThatThrownBy(() -> Verifiers.named("llm-judge", Map.of("url", "http://h/v1"))).hasMessageContaining("model must name");
    assertThatThrownBy(() -> Verifiers.named("llm-judge", Map.of("url", "http://h/v1", "model", "m", "key-variable", "NO_SUCH_VARIABLE_X")))
        .hasMessageContaining("NO_SUCH_VARIABLE_X, which is not set");
  }
}

package io.ballast.text.jinja;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A chat template, read once and rendered often; safe for use by many threads. Values, white space and results are those of Python's jinja2
 * as transformers sets it up: {@code trim_blocks}, {@code lstrip_blocks}, an immutable sandbox, {@code tojson} as {@code json.dumps} without
 * escaping other alphabets. Templates come with downloaded checkpoints, so steps, text and depth are bounded.
 *
 * @see <a href="https://jinja.palletsprojects.com/en/stable/templates/">the language</a>
 */
public final class Template {
  private final List<Stmt> body;

  private Template(List<Stmt> body) {
    this.body = body;
  }

  /** @throws JinjaException if the text is no template of the supported subset, naming construct and line */
  public static Template parse(String source) {
    try {
      return new Template(Parser.parse(source));
    } catch (StackOverflowError e) {
      throw new JinjaException("the template's constructs are nested too deeply");
    }
  }

  /**
   * @param values variables of the template: texts, numbers, flags, lists, maps, null
   * @param clock what {@code strftime_now} reads, with its time zone
   * @throws JinjaException if a construct fails or the template refuses the conversation, naming construct and line
   */
  public Rendered render(Map<String, ? extends @Nullable Object> values, Clock clock) {
    var globals = new Scope(null);
    Functions.define(globals, clock);
    var scope = new Scope(globals);
    values.forEach((name, value) -> scope.set(name, Values.of(value)));
    try {
      return new Renderer().render(body, scope);
    } catch (StackOverflowError e) {
      throw new JinjaException("the template's values or calls are nested too deeply");
    }
  }

  /**
   * @param generated the pieces of the text inside {@code generation} blocks: what the assistant wrote
   */
  public record Rendered(String text, List<Span> generated) {}

  /** Characters [from, to) of the text. */
  public record Span(int from, int to) {}
}

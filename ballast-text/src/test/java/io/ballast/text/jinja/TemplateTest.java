package io.ballast.text.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import io.ballast.text.Goldens;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TemplateTest {
  private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-07-04T15:06:09Z"), ZoneOffset.UTC);
  private static final JsonNode CONSTRUCTS = Goldens.read("constructs.json");
  private static final Map<String, Object> VARIABLES = Goldens.as(CONSTRUCTS.path("variables"), new TypeReference<>() {});

  static Stream<JsonNode> cases() {
    return StreamSupport.stream(CONSTRUCTS.path("cases").spliterator(), false);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_construct_renders_as_jinja2_renders_it_or_is_refused_where_jinja2_refuses(JsonNode one) {
    String template = one.path("template").asText();
    if (one.path("result").isNull()) {
      assertThatThrownBy(() -> rendered(template)).isInstanceOf(JinjaException.class).hasMessageContaining("line 1");
    } else {
      assertThat(rendered(template)).isEqualTo(one.path("result").asText());
    }
  }

  private static String rendered(String template) {
    return Template.parse(template).render(VARIABLES, CLOCK).text();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '¦', value = {
      "{{ x | nosuch }} ¦ the filter 'nosuch' is not supported",
      "{{ x is nosuch }} ¦ the test 'nosuch' is not supported",
      "{% include 'x' %} ¦ the tag 'include' is not supported",
      "{% for a in b recursive %}{% endfor %} ¦ 'recursive' loops are not supported",
      "{{ f(*x) }} ¦ '*' arguments are not supported",
      "{{ text.format(1) }} ¦ the method 'format' of a text is not supported",
      "{% if x %} ¦ 'if' has no 'endif'",
      "{{ list.append(1) }} ¦ the method 'append' would change a list",
      "{{ raise_exception('no') }} ¦ the template refuses the conversation: no"})
  void what_is_outside_the_subset_is_named_with_its_line(String template, String message) {
    assertThatThrownBy(() -> rendered("first line\n\n" + template)).isInstanceOf(JinjaException.class).hasMessageContaining("line 3").hasMessageContaining(message);
  }

  @Test void the_date_comes_from_the_clock_given() {
    assertThat(rendered("{{ strftime_now('%d %b %Y, %A %-d %B %H:%M:%S %I %p %j %y %%') }}")).isEqualTo("04 Jul 2026, Saturday 4 July 15:06:09 03 PM 185 26 %");
  }

  @Test void a_generation_block_marks_what_the_assistant_wrote() {
    var rendered = Template.parse("{% for x in list %}<{% generation %}{{ x }}!{% endgeneration %}>{% endfor %}").render(VARIABLES, CLOCK);
    assertThat(rendered.text()).isEqualTo("<3!><1!><2!><3!>");
    assertThat(rendered.generated()).extracting(span -> rendered.text().substring(span.from(), span.to())).containsExactly("3!", "1!", "2!", "3!");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '¦', value = {
      "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }} ¦ more than 100 calls inside each other",
      "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %} ¦ takes more than",
      "{{ range(100001) }} ¦ more than 100000 numbers",
      "{{ 'ab' * 1000000000 }} ¦ would make more than",
      "{% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %} ¦ more than",
      "{{ 2 ** 1000000000 }} ¦ the exponent is above 10000"})
  void a_hostile_template_ends_with_a_message(String template, String message) {
    assertThatThrownBy(() -> rendered(template)).isInstanceOf(JinjaException.class).hasMessageContaining(message);
  }

  @Test void deep_nesting_ends_with_a_message() {
    assertThatThrownBy(() -> rendered("{{ " + "(".repeat(100_000) + "1" + ")".repeat(100_000) + " }}")).isInstanceOf(JinjaException.class);
    assertThatThrownBy(() -> rendered("{{ " + "not ".repeat(100_000) + "1 }}")).isInstanceOf(JinjaException.class);
    assertThatThrownBy(() -> rendered("{% if x %}".repeat(1_000) + "{% endif %}".repeat(1_000))).hasMessageContaining("inside each other");
    List<Object> cycle = new ArrayList<>();
    cycle.add(cycle);
    var values = new HashMap<String, Object>();
    values.put("x", cycle);
    assertThatThrownBy(() -> Template.parse("{{ x }}").render(values, CLOCK)).isInstanceOf(JinjaException.class);
  }

  @Test void every_cut_of_a_template_parses_or_is_refused_but_never_crashes() {
    String template = "{%- macro f(a, b='x\\n') -%}{{ a | tojson(indent=2) }}{%- endmacro -%}{% for k, v in m.map.items() if v is not none %}{{ f(k, b=v[::-1]) ~ loop.index }}{% else %}{# c #}{% endfor %}";
    for (int i = 0; i <= template.length(); i++) {
      for (String part : List.of(template.substring(0, i), template.substring(i))) {
        try {
          rendered(part);
        } catch (JinjaException expected) {
          assertThat(expected.getMessage()).isNotBlank();
        }
      }
    }
  }
}

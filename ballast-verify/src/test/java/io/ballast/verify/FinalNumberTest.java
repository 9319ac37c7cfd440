package io.ballast.verify;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FinalNumberTest {
  private final Verifier gsm8k = new FinalNumber();

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "'so\n#### 72'       | #### 72               | right",
      "72                  | 'work\n#### 72.0'     | right",
      "1,000               | #### 1000             | right",
      "#### 1000           | #### $1,000.00        | right",
      "#### -5             | #### -$5              | right",
      "#### -5             | #### $-5              | right",
      "#### -5             | #### −5               | right",
      "#### 10             | #### 10.              | right",
      "#### 10             | #### 10 dollars       | right",
      "#### 10             | #### **10**           | right",
      "#### .5             | A: 0.5                | right",
      "A: 18               | 'a\nA: 18'            | right",
      "A: 18               | 'a\n**Answer:** 18'   | right",
      "A: 18               | 'A: 3\nA: 18'         | right",
      "18                  | '#### 18\n#### 19'    | right",
      "18                  | '#### 17\n#### 18'    | wrong",
      "18                  | 'A: 18\n#### 17'      | wrong",
      "18                  | #### 19               | wrong",
      "18                  | #### 1.8              | wrong",
      "18                  | #### 18/2             | unanswered",
      "18                  | #### 18:30            | unanswered",
      "18                  | #### 18^2             | unanswered",
      "18                  | #### 18e3             | unanswered",
      "18                  | #### 18*2             | unanswered",
      "1234                | #### 12,34            | unanswered",
      "18                  | #### 1.8.0            | unanswered",
      "18                  | #### ١٨               | unanswered",
      "18                  | #### １８               | unanswered",
      "18                  | #### 1８              | unanswered",
      "18                  | #### eighteen         | unanswered",
      "18                  | ####                  | unanswered",
      "18                  | the answer is 18      | unanswered",
      "18                  | ''                    | unanswered",
      "#### NaN            | #### NaN              | unreadable-gold",
      "''                  | ''                    | unreadable-gold",
      "#### x              | #### x                | unreadable-gold"})
  void the_number_after_the_marker_counts(String gold, String answer, String verdict) {
    var found = gsm8k.verify(gold, answer);
    assertThat(found.label()).as(found.toString()).isEqualTo(verdict);
  }

  @Test void a_gold_that_can_be_read_lints_right() {
    assertThat(gsm8k.lint("work\n#### 1,200").label()).isEqualTo("right");
    assertThat(gsm8k.lint("72").label()).isEqualTo("right");
    assertThat(gsm8k.lint("none").label()).isEqualTo("unreadable-gold");
  }

  @Test void a_number_of_a_million_digits_is_unanswered_at_once() {
    assertThat(gsm8k.verify("1", "#### " + "1".repeat(1_000_000)).label()).isEqualTo("unanswered");
    assertThat(gsm8k.verify("1", "\n".repeat(1_000_000)).label()).isEqualTo("unanswered");
  }
}

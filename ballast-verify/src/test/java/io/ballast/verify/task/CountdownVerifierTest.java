package io.ballast.verify.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CountdownVerifierTest {

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "24 from 4,6,8       | (8-4)*6                        | right",
      "24 from 4,6,8       | :(8-4)*6=24                    | right",
      "24 from 4,6,8       | I think <answer>6*(8-4)</answer> | right",
      "24 from 4,6,8       | 8-4=4,4*6=24:(8-4)*6           | right",
      "24 from 4,6,8       | 24                             | wrong",
      "24 from 4,6,8       | 4*6                            | wrong",
      "24 from 4,6,8       | 8*6/(4-4)                      | unanswered",
      "24 from 4,6,8       | 8*8-6-4                        | wrong",
      "24 from 4,6,8       | 6+8+4+6                        | wrong",
      "24 from 4,6,8       | -(4-8)*6                       | right",
      "24 from 4,6,8       | ((((                           | unanswered",
      "24 from 4,6,8       | the answer                     | unanswered",
      "24 from 3,3,8,8     | 8/(3-8/3)                      | right",
      "'{\"numbers\": [4, 6, 8], \"target\": 24}' | 6*(8-4) | right",
      "none                | 6*(8-4)                        | unreadable-gold"})
  void an_expression_is_evaluated_and_its_numbers_counted(String gold, String answer, String verdict) {
    var found = new CountdownVerifier(true).verify(gold, answer);
    assertThat(found.label()).as(found.reason()).isEqualTo(verdict);
  }

  @Test void with_use_some_numbers_may_be_left_over_but_not_used_twice() {
    assertThat(new CountdownVerifier(false).verify("24 from 4,6,8", "4*6").label()).isEqualTo("right");
    assertThat(new CountdownVerifier(false).verify("16 from 4,6,8", "4*4").label()).isEqualTo("wrong");
  }

  @Test void long_and_deep_answers_are_unanswered() {
    var verifier = new CountdownVerifier(true);
    assertThat(verifier.verify("24 from 4,6,8", "(".repeat(1_000_000)).label()).isEqualTo("unanswered");
    assertThat(verifier.verify("24 from 4,6,8", "(".repeat(400) + "4" + ")".repeat(400)).label()).isEqualTo("unanswered");
    assertThat(verifier.verify("24 from 4,6,8", "-".repeat(900) + "4").label()).isEqualTo("unanswered");
    assertThat(verifier.verify("24 from 4,6,8", "٤*6*1").label()).as("Arabic digits").isEqualTo("unanswered");
  }
}

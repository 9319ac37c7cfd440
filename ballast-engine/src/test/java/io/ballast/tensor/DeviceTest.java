package io.ballast.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class DeviceTest {
  @Test void names_are_read_and_written() {
    assertThat(Device.parse("cpu")).isEqualTo(Device.CPU);
    assertThat(Device.parse("CUDA")).hasToString("cuda:0");
    assertThat(Device.parse("cuda:3").index()).isEqualTo(3);
    assertThatThrownBy(() -> Device.parse("gpu")).hasMessage("device must be cpu, cuda or cuda:N, got 'gpu'");
  }

  @Test void a_build_without_cuda_says_how_to_get_one() {
    assumeFalse(Native.cuda());
    assertThat(Device.CPU.usable()).isEqualTo(Device.CPU);
    assertThatThrownBy(() -> Device.parse("cuda").usable())
        .hasMessage("device cuda:0: this build computes on CPUs only; run BALLAST_PROFILE=cuda ./ballast (or build with mvn -Pcuda), or use device cpu");
  }

  @Test void deterministic_operations_are_asked_of_gpus_alone() {
    Native.init();
    assertThat(torch.globalContext().deterministicAlgorithms()).isFalse();
    Device.CPU.deterministic();
    assertThat(torch.globalContext().deterministicAlgorithms()).isFalse();
    new Device(Device.Kind.CUDA, 0).deterministic();
    try {
      assertThat(torch.globalContext().deterministicAlgorithms()).isTrue();
      assertThat(torch.globalContext().deterministicAlgorithmsWarnOnly()).isTrue();
    } finally {
      torch.globalContext().setDeterministicAlgorithms(false, false);
      torch.globalContext().setDeterministicCuDNN(false);
    }
  }
}

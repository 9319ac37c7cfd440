package io.ballast.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class ScopeTest {
  private static Tensor tensor() {
    Native.init();
    return Native.zeros(ScalarType.Float, Device.CPU, 3);
  }

  @Test void a_tensor_dies_with_its_scope_unless_it_is_owned() {
    Tensor dead;
    Tensor owned;
    try (var scope = Scope.open("test")) {
      dead = tensor();
      owned = Scope.own(tensor());
    }
    assertThat(dead.isNull()).isTrue();
    assertThatThrownBy(() -> dead.add_(new Scalar(1.0))).isInstanceOf(RuntimeException.class);
    assertThat(Native.toDoubles(owned)).containsExactly(0, 0, 0);
    Scope.release(owned);
    assertThat(owned.isNull()).isTrue();
  }

  @Test void a_yielded_tensor_lives_as_long_as_the_scope_around() {
    Tensor kept;
    try (var outer = Scope.open("outer")) {
      try (var inner = Scope.open("inner")) {
        kept = inner.yield(tensor());
      }
      assertThat(kept.isNull()).isFalse();
    }
    assertThat(kept.isNull()).isTrue();
  }

  @Test void misuse_is_named() throws Exception {
    Scope outer = Scope.open("outer");
    Scope inner = Scope.open("inner");
    assertThatThrownBy(outer::close).hasMessage("scope 'outer' closed before the scope 'inner' inside it");
    assertThatThrownBy(() -> CompletableFuture.runAsync(inner::close).join())
        .hasMessageContaining("scope 'inner' belongs to thread " + Thread.currentThread().getName());
    inner.close();
    outer.close();
    assertThatThrownBy(outer::close).hasMessage("scope 'outer' is already closed");
  }

  @Test void matrix_products_run_in_mkl_where_it_is_asked_for() {
    assertThat(Native.mkl()).isEqualTo("mkl".equals(System.getProperty("org.bytedeco.openblas.load")));
    assertThat(Native.threads()).isPositive();
  }
}

@NullMarked
package io.ballast.tensor;

import org.jspecify.annotations.NullMarked;

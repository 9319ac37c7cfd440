/** Tests of the methods for other granularities and off-policy data; small batches in {@link io.ballast.method.offpolicy.Cases}. */
@NullMarked
package io.ballast.method.offpolicy;

import org.jspecify.annotations.NullMarked;

/** Tests of sampling. */
@NullMarked
package io.ballast.sample;

import org.jspecify.annotations.NullMarked;

/* Included by core.c once for each curve: P256 says which, FN names its functions, C is where its numbers lie. */

#include "curve/field.h"
#include "curve/product4.h"
#include "curve/quad.h"
#include "curve/prime.h"
#include "curve/table.h"
#include "curve/point.h"
#include "curve/lanes.h"

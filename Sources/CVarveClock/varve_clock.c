#include "varve_clock.h"

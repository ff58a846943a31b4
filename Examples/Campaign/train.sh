#!/bin/sh
# A training of the campaign: a curve that falls the faster the larger the learning rate, with the seed's own noise. It prints
# a JSON object a step, which `varve log` stores in the run that `varve campaign run` has made for it.
#
#     train.sh LR SEED
awk -v lr="$1" -v seed="$2" 'BEGIN {
    srand(seed)
    for (step = 0; step < 100; step++)
        printf "{\"step\": %d, \"loss\": %.6f}\n", step, exp(-lr * step) + 0.05 * rand()
}' | varve log

/* Kernels that torch lacks: an LSTM's steps, the maxima of a pooling, rows of a table. Numbers are
 * float, arrays contiguous, last axis fastest, and one of a multiple of 16 where vectors go along it.
 * OpenMP splits loops, in torch's own threads, but no sum: their number changes no result. */
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* Numbers in a register, for a vector of two lives in memory; and registers that are summed up in. */
#ifdef __AVX512F__
enum { WIDE = 16, SUMS = 10 };
#elif defined __AVX__
enum { WIDE = 8, SUMS = 12 };
#else
enum { WIDE = 4, SUMS = 8 };
#endif
enum { BLOCK = 8, TILE = 32 }; /* rows, and channels, at a time */
typedef int64_t whole;
typedef float vec __attribute__((vector_size(WIDE * sizeof(float)), aligned(4), may_alias));
typedef int32_t ivec __attribute__((vector_size(WIDE * sizeof(float)), aligned(4), may_alias));
#define ALWAYS inline __attribute__((always_inline)) /* with a number known where it is called */
/* Zeros that begin where a line of the cache does: vectors across two take twice as long. */
static void *zeros(whole count) {
    size_t bytes = (count * sizeof(float) + 63) & ~(size_t)63;
    return memset(aligned_alloc(64, bytes), 0, bytes);
}
static inline vec load(const float *from) { return *(const vec *)from; }
static inline void store(float *to, vec value) { *(vec *)to = value; }
static inline vec all(float value) { return value - (vec){0}; }
#define pick(where, yes, no) ((vec)(((where) & (ivec)(yes)) | (~(where) & (ivec)(no))))
/* exp(x) is (1 + answer) * power: 2^n, and a polynomial on [-ln2/2, ln2/2]. Source: Cephes, expf. */
static inline vec growth(vec x, vec *power) {
    x = pick(x > all(88.f), all(88.f), x), x = pick(x < all(-87.f), all(-87.f), x);
    vec turns = x * 1.44269504088896341f + 12582912.f; /* 1.5 * 2^23 rounds to a whole number */
    *power = (vec)(((ivec)turns - 0x4B400000 + 127) << 23), turns -= 12582912.f;
    vec r = x - turns * 0.693359375f + turns * 2.12194440e-4f;
    vec p = (r * 1.9875691500e-4f + 1.3981999507e-3f) * r + 8.3334519073e-3f;
    p = ((p * r + 4.1665795894e-2f) * r + 1.6666665459e-1f) * r + 5.0000001201e-1f;
    return p * r * r + r;
}
static inline vec sigmoid(vec x) {
    vec power, grown = growth(-x, &power);
    return 1.f / (1.f + (grown * power + power));
}
static inline vec hyperbolic(vec x) { /* (e - 1) / (e + 1) of e = exp(2x); near 0, power is 1 */
    vec power, grown = growth(2.f * x, &power), less = grown * power + (power - 1.f);
    return less / (less + 2.f);
}
/* gates += h (rows, units) times weight (units, columns), a vector of columns at a time. */
static ALWAYS void add_column(int rows, int units, int columns, const float *h, const float *weight,
                              float *gates) {
    vec sum[BLOCK];
    for (int r = 0; r < rows; r++) sum[r] = load(gates + r * columns);
    for (whole k = 0; k < units; k++) {
        vec w = load(weight + k * columns);
        for (int r = 0; r < rows; r++) sum[r] += h[r * units + k] * w;
    }
    for (int r = 0; r < rows; r++) store(gates + r * columns, sum[r]);
}
static void add_product(int rows, int units, int columns, const float *h, const float *weight, float *gates) {
    for (int c = 0; c < columns; c += WIDE)
        if (rows == BLOCK) add_column(BLOCK, units, columns, h, weight + c, gates + c);
        else add_column(rows, units, columns, h, weight + c, gates + c);
}
/* An LSTM's steps. gates (steps, batch, 4 units), in the order input, forget, cell, output: in, the projected
 * input, or, if place (steps, batch) is given, to be taken from these rows of `fed`; out, what each answers,
 * of a masked step the last alone, as it was before: with cells (steps, batch, units) it makes the output
 * again. weight (units, 4 units); mask (steps, batch); outs (kept, batch, units), of all steps or the last. */
void lstm_forward(whole batch, whole steps, whole units, const float *fed, const whole *place, float *gates,
                  const float *weight, const uint8_t *mask, float *cells, whole kept, float *outs) {
    const whole wide = 4 * units;
#pragma omp parallel for schedule(static)
    for (whole first = 0; first < batch; first += BLOCK) {
        const int rows = batch - first < BLOCK ? (int)(batch - first) : BLOCK;
        float *h = zeros(2 * BLOCK * units), *none = h + BLOCK * units;
        for (whole t = 0; t < steps; t++) {
            const whole at = t * batch + first;
            for (int r = 0; place && r < rows; r++)
                memcpy(gates + (at + r) * wide, fed + place[at + r] * wide, wide * sizeof(float));
            add_product(rows, (int)units, (int)wide, h, weight, gates + at * wide);
            for (int r = 0; r < rows; r++) {
                float *own = gates + (at + r) * wide, *answer = own + 3 * units, *c = cells + (at + r) * units;
                const float *last = t ? c - batch * units : none, *before = t ? answer - batch * wide : none;
                if (mask && !mask[at + r]) {
                    memcpy(c, last, units * sizeof *c), memcpy(answer, before, units * sizeof *answer);
                    continue;
                }
                for (whole k = 0; k < units; k += WIDE) {
                    vec i = sigmoid(load(own + k)), f = sigmoid(load(own + units + k));
                    vec n = hyperbolic(load(own + 2 * units + k)), o = sigmoid(load(answer + k));
                    store(own + k, i), store(own + units + k, f), store(own + 2 * units + k, n);
                    store(answer + k, o), store(c + k, f * load(last + k) + i * n);
                }
                for (whole k = 0; k < units; k += WIDE) /* by itself, since it waits for the cell */
                    store(h + r * units + k, load(answer + k) * hyperbolic(load(c + k)));
            }
            memcpy(outs + (t % kept * batch + first) * units, h, rows * units * sizeof(float));
        }
        free(h);
    }
}
/* d_gates, the gradient of the projected input, from what each gate answered, and outs again.
 * across (4 units, units) is the transposed weight; d_outs (steps, batch, units) and d_h, d_c (batch,
 * units), of the last output and cell, may be null. */
void lstm_backward(whole batch, whole steps, whole units, const float *gates, const float *across,
                   const uint8_t *mask, const float *cells, const float *d_outs, const float *d_h, const float *d_c,
                   float *d_gates, float *outs) {
    const whole wide = 4 * units;
#pragma omp parallel for schedule(static)
    for (whole first = 0; first < batch; first += BLOCK) {
        const int rows = batch - first < BLOCK ? (int)(batch - first) : BLOCK;
        float *dh = zeros(2 * BLOCK * units), *dc = dh + BLOCK * units;
        if (d_h) memcpy(dh, d_h + first * units, rows * units * sizeof(float));
        if (d_c) memcpy(dc, d_c + first * units, rows * units * sizeof(float));
        for (whole t = steps - 1; t >= 0; t--) {
            for (int r = 0; r < rows; r++) {
                whole at = t * batch + first + r, runs = !mask || mask[at];
                const float *own = gates + at * wide;
                float *d = d_gates + at * wide;
                for (whole k = 0; k < units; k += WIDE) {
                    vec out = load(dh + r * units + k);
                    if (d_outs) out += load(d_outs + at * units + k);
                    vec o = load(own + 3 * units + k), bent = hyperbolic(load(cells + at * units + k));
                    store(dh + r * units + k, runs ? all(0.f) : out);
                    store(outs + at * units + k, o * bent);
                    if (!runs) continue;
                    vec i = load(own + k), f = load(own + units + k), n = load(own + 2 * units + k);
                    vec before = t ? load(cells + (at - batch) * units + k) : all(0.f);
                    vec dcell = load(dc + r * units + k) + out * o * (1.f - bent * bent);
                    store(dc + r * units + k, dcell * f), store(d + k, dcell * n * i * (1.f - i));
                    store(d + units + k, dcell * before * f * (1.f - f));
                    store(d + 2 * units + k, dcell * i * (1.f - n * n));
                    store(d + 3 * units + k, out * bent * o * (1.f - o));
                }
                if (!runs) memset(d, 0, wide * sizeof *d);
            }
            add_product(rows, (int)wide, (int)units, d_gates + (t * batch + first) * wide, across, dh);
        }
        free(dh);
    }
}
/* to += by[e] * rows[at[e]] over all e: as many vectors as are said, of a row and of those after. */
static ALWAYS void add_some(int wide, whole count, const float *by, const int32_t *at,
                            const float *rows, float *to) {
    vec own[SUMS];
    for (int v = 0; v < wide; v++) own[v] = load(to + v * WIDE);
    for (whole e = 0; e < count; e++)
        for (int v = 0; v < wide; v++) own[v] += by[e] * load(rows + (whole)at[e] * TILE + v * WIDE);
    for (int v = 0; v < wide; v++) store(to + v * WIDE, own[v]);
}
static void add_rows(whole window, whole count, const float *by, const int32_t *at, const float *rows,
                     float *to) {
#define AT_ONCE(n) for (; count && window >= n && n * TILE <= SUMS * WIDE; window -= n, rows += n * TILE, \
        to += n * TILE) add_some(n * TILE / WIDE, count, by, at, rows, to);
    AT_ONCE(5) AT_ONCE(3) AT_ONCE(2) AT_ONCE(1)
}
/* Items (count) in the order of their keys, all below `keys` or -1, those of key k from start[k] on.
 * start (keys + 2) comes in as zeros. */
static void put_in_order(whole count, whole keys, const int32_t *key, int32_t *start, int32_t *at) {
    for (whole e = 0; e < count; e++) start[key[e] + 2] += key[e] >= 0;
    for (whole k = 2; k < keys + 2; k++) start[k] += start[k - 1];
    for (whole e = 0; e < count; e++) if (key[e] >= 0) at[start[key[e] + 1]++] = (int32_t)e;
}
/* A tile of channels, as many as are left, from rows that lie `next` apart to rows of their own. */
static void copy(float *to, whole apart, const float *from, whole next, whole rows, whole left) {
    for (whole r = 0; r < rows; r++)
        memcpy(to + r * apart, from + r * next, (left < TILE ? left : TILE) * sizeof *to);
}
/* Back through the maxima of a convolution, a tile of channels at a time, so that all stays near. x (groups,
 * rows, channels), sequences to a group; by, at (groups, filters, count): gradients, where windows begin. */
void maxima_weight(whole groups, whole rows, whole channels, whole window, whole count, whole filters,
                    const float *x, float *by, int32_t *at, float *d_weight) {
    const whole tiles = (channels + TILE - 1) / TILE, parts = (omp_get_max_threads() + tiles - 1) / tiles;
    int32_t *some = zeros(groups * filters);
#pragma omp parallel for schedule(static)
    for (whole l = 0; l < groups * filters; l++)
        for (whole e = l * count, to = e; e < (l + 1) * count; e++)
            by[to] = by[e], at[to] = at[e], to += by[e] != 0.f, some[l] = (int32_t)(to - l * count);
#pragma omp parallel for schedule(static)
    for (whole part = 0; part < parts * tiles; part++) {
        whole c = part / parts, q = part % parts, first = filters * q / parts, last = filters * (q + 1) / parts;
        float *tile = zeros(rows * TILE);
        for (whole g = 0; g < groups; g++) {
            copy(tile, TILE, x + g * rows * channels + c * TILE, channels, rows, channels - c * TILE);
            for (whole f = first, l = g * filters + f, i = l * count; f < last; f++, l++, i += count)
                add_rows(window, some[l], by + i, at + i, tile, d_weight + (c * filters + f) * window * TILE);
        }
        free(tile);
    }
    free(some);
}
/* d, place (batch, places, filters); weight (tiles, filters, window, 32); d_x; a group of filters at a time. */
void maxima_input(whole batch, whole length, whole channels, whole window, whole places, whole filters,
                   whole group, const float *weight, const float *d, const int32_t *place, float *d_x) {
    const whole each = places * filters, turns = (filters + group - 1) / group * length;
#pragma omp parallel for schedule(static)
    for (whole n = 0; n < batch; n++) {
        float *by = zeros(each), *tile = zeros(length * TILE);
        int32_t *at = zeros(each), *start = zeros(turns + 2), *key = zeros(each);
        for (whole e = 0; e < each; e++)
            key[e] = d[n * each + e] == 0.f ? -1 : e % filters / group * length + place[n * each + e];
        put_in_order(each, turns, key, start, at);
        for (whole e = 0; e < start[turns]; e++) by[e] = d[n * each + at[e]], at[e] = at[e] % filters * window;
        for (whole c = 0; c * TILE < channels; c++) {
            memset(tile, 0, length * TILE * sizeof *tile);
            for (whole t = 0; t < turns; t++)
                add_rows(window, start[t + 1] - start[t], by + start[t], at + start[t],
                         weight + c * filters * window * TILE, tile + t % length * TILE);
            copy(d_x + n * length * channels + c * TILE, channels, tile, TILE, length, channels - c * TILE);
        }
        free(by), free(tile), free(at), free(start), free(key);
    }
}
/* words: each of the ids (count), all below `size`, once and in order; place, where each id's stands
 * there; and which ids are word w, at[first[w]] to at[first[w + 1]]. Answers how many words. */
whole distinct(whole count, whole size, const int32_t *ids, int32_t *at, whole *words, int32_t *first,
               whole *place) {
    int32_t *start = zeros(size + 2), found = 0;
    put_in_order(count, size, ids, start, at);
    for (whole id = 0; id < size; id++) {
        for (whole e = start[id]; e < start[id + 1]; e++) place[at[e]] = found;
        if (start[id] < start[id + 1]) words[found] = id, first[found++] = start[id];
    }
    return first[found] = (int32_t)count, free(start), found;
}
/* to (rows, width): the sums of rows of `from`, as `distinct` says which; width is one of 16. */
void rows_add(whole rows, whole width, const int32_t *first, const int32_t *at, const float *from, float *to) {
#pragma omp parallel for schedule(dynamic, 64)
    for (whole r = 0; r < rows; r++)
        for (whole k = 0; k < width; k += WIDE) {
            vec sum = {0};
            for (whole e = first[r]; e < first[r + 1]; e++) sum += load(from + at[e] * width + k);
            store(to + r * width + k, sum);
        }
}
/* Rows of a table, or all: memory = keep memory + growth g^2; a row loses rate g / sqrt(memory + epsilon).
 * Without memory it loses rate g. A row that missed steps (all but `steps` of `now`) is kept that much less. */
void rows_move(whole count, whole width, const whole *ids, const float *gradient, float *table,
               float *memory, whole *steps, whole now, float rate, double keep, float growth, float epsilon) {
#pragma omp parallel for schedule(static)
    for (whole r = 0; r < count; r++) {
        const whole id = ids ? ids[r] : r, at = id * width;
        float *w = table + at, *v = memory ? memory + at : 0, kept = (float)keep;
        const float *g = gradient + r * width;
        if (steps) kept *= (float)pow(keep, (double)(now - steps[id])), steps[id] = now + 1;
        for (whole k = 0; k < width; k++)
            if (!v) w[k] -= rate * g[k];
            else v[k] = v[k] * kept + growth * g[k] * g[k], w[k] -= rate * g[k] / sqrtf(v[k] + epsilon);
    }
}

/* Three kernels that torch lacks: an LSTM's steps, the winners of a pooling, rows of a table.
 *
 * All numbers are float, all arrays contiguous, last axis fastest. A vector of 16 is what the
 * compiler makes of it on the machine at hand. Loops over rows are split by OpenMP, in torch's own
 * threads; no sum is split, so results do not depend on how many there are.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef float vec __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t ivec __attribute__((vector_size(64), aligned(4), may_alias));
#define WIDE 16
#define BLOCK 8 /* rows that share what is read of the weights */

static inline vec load(const float *from) { return *(const vec *)from; }
static inline void store(float *to, vec value) { *(vec *)to = value; }
static inline vec all(float value) { return value - (vec){0}; }
static inline vec pick(ivec where, vec yes, vec no) {
    return (vec)((where & (ivec)yes) | (~where & (ivec)no));
}

/* exp: 2^n times a polynomial on [-ln2/2, ln2/2]. Source: Cephes, expf. */
static inline vec exponential(vec x) {
    x = pick(x > all(88.f), all(88.f), x);
    x = pick(x < all(-87.f), all(-87.f), x);
    vec turns = x * 1.44269504088896341f + 12582912.f; /* 1.5 * 2^23 rounds to a whole number */
    ivec whole = (ivec)turns - 0x4B400000;
    turns -= 12582912.f;
    vec r = x - turns * 0.693359375f + turns * 2.12194440e-4f;
    vec p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    return (p * r * r + r + 1.f) * (vec)((whole + 127) << 23);
}
static inline vec sigmoid(vec x) { return 1.f / (1.f + exponential(-x)); }
static inline vec hyperbolic(vec x) { /* near 0 a series: 2 sigmoid(2x) - 1 would cancel */
    vec square = x * x;
    vec near = x * (1.f + square * (-0.333333333f + square * (0.133333333f -
               square * (0.0539682540f - square * 0.0218694885f))));
    vec far = 2.f / (1.f + exponential(-2.f * x)) - 1.f;
    return pick(square < all(0.04f), near, far);
}

/* gates[r] += h[r] times weight (units, columns), for some rows; columns are a multiple of 16. */
static void add_product(int rows, int units, int columns, const float *h, int64_t h_next,
                        const float *weight, float *gates, int64_t gates_next) {
    for (int c = 0; c < columns; c += WIDE) {
        vec sum[BLOCK];
        for (int r = 0; r < rows; r++) sum[r] = load(gates + r * gates_next + c);
        for (int k = 0; k < units; k++) {
            vec w = load(weight + (int64_t)k * columns + c);
            for (int r = 0; r < rows; r++) sum[r] += h[r * h_next + k] * w;
        }
        for (int r = 0; r < rows; r++) store(gates + r * gates_next + c, sum[r]);
    }
}

/* An LSTM's steps. Units are a multiple of 16; gates stand in the order input, forget, cell, output.
 * gates (batch, steps, 4 units): in, the projected input; out, what each gate answers.
 * weight (units, 4 units); cells, outs (batch, steps, units); mask (batch, steps) or null. */
void lstm_forward(int64_t batch, int64_t steps, int64_t units, float *gates, const float *weight,
                  const uint8_t *mask, float *cells, float *outs) {
    const int64_t wide = 4 * units;
#pragma omp parallel for schedule(static)
    for (int64_t first = 0; first < batch; first += BLOCK) {
        int rows = batch - first < BLOCK ? (int)(batch - first) : BLOCK;
        float *h = calloc(2 * BLOCK * units, sizeof(float)), *c = h + BLOCK * units;
        for (int64_t t = 0; t < steps; t++) {
            float *g = gates + (first * steps + t) * wide;
            add_product(rows, (int)units, (int)wide, h, units, weight, g, steps * wide);
            for (int r = 0; r < rows; r++) {
                int64_t at = (first + r) * steps + t;
                float *own = gates + at * wide;
                if (!mask || mask[at])
                    for (int64_t k = 0; k < units; k += WIDE) {
                        vec i = sigmoid(load(own + k)), f = sigmoid(load(own + units + k));
                        vec n = hyperbolic(load(own + 2 * units + k));
                        vec o = sigmoid(load(own + 3 * units + k));
                        vec cell = f * load(c + r * units + k) + i * n;
                        store(own + k, i), store(own + units + k, f);
                        store(own + 2 * units + k, n), store(own + 3 * units + k, o);
                        store(c + r * units + k, cell);
                        store(h + r * units + k, o * hyperbolic(cell));
                    }
                memcpy(outs + at * units, h + r * units, units * sizeof(float));
                memcpy(cells + at * units, c + r * units, units * sizeof(float));
            }
        }
        free(h);
    }
}

/* d_gates, the gradient of the projected input, from what each gate answered.
 * across (4 units, units) is the transposed weight; d_outs (batch, steps, units) and d_h, d_c (batch,
 * units), of the last output and cell, may be null. */
void lstm_backward(int64_t batch, int64_t steps, int64_t units, const float *gates,
                   const float *across, const uint8_t *mask, const float *cells,
                   const float *d_outs, const float *d_h, const float *d_c, float *d_gates) {
    const int64_t wide = 4 * units;
#pragma omp parallel for schedule(static)
    for (int64_t first = 0; first < batch; first += BLOCK) {
        int rows = batch - first < BLOCK ? (int)(batch - first) : BLOCK;
        float *dh = calloc(2 * BLOCK * units, sizeof(float)), *dc = dh + BLOCK * units;
        if (d_h) memcpy(dh, d_h + first * units, rows * units * sizeof(float));
        if (d_c) memcpy(dc, d_c + first * units, rows * units * sizeof(float));
        for (int64_t t = steps - 1; t >= 0; t--) {
            for (int r = 0; r < rows; r++) {
                int64_t at = (first + r) * steps + t;
                const float *own = gates + at * wide;
                float *d = d_gates + at * wide;
                int runs = !mask || mask[at];
                if (!runs) memset(d, 0, wide * sizeof(float));
                for (int64_t k = 0; k < units; k += WIDE) {
                    vec out = load(dh + r * units + k);
                    if (d_outs) out += load(d_outs + at * units + k);
                    store(dh + r * units + k, runs ? all(0.f) : out);
                    if (!runs) continue;
                    vec i = load(own + k), f = load(own + units + k);
                    vec n = load(own + 2 * units + k), o = load(own + 3 * units + k);
                    vec bent = hyperbolic(load(cells + at * units + k));
                    vec before = t ? load(cells + (at - 1) * units + k) : all(0.f);
                    vec dcell = load(dc + r * units + k) + out * o * (1.f - bent * bent);
                    store(d + k, dcell * n * i * (1.f - i));
                    store(d + units + k, dcell * before * f * (1.f - f));
                    store(d + 2 * units + k, dcell * i * (1.f - n * n));
                    store(d + 3 * units + k, out * bent * o * (1.f - o));
                    store(dc + r * units + k, dcell * f);
                }
            }
            const float *d = d_gates + (first * steps + t) * wide;
            add_product(rows, (int)wide, (int)units, d, steps * wide, across, dh, units);
        }
        free(dh);
    }
}

/* The largest of each window, and where it stands: x (batch, length, channels) -> best and place
 * (batch, places, channels), the first one where several are alike. Answers how many windows have
 * several. Channels are a multiple of 16. */
int64_t pool_forward(int64_t batch, int64_t length, int64_t channels, int64_t size, int64_t stride,
                     int64_t places, const float *x, float *best, int32_t *place) {
    int64_t ties = 0;
#pragma omp parallel for schedule(static) reduction(+ : ties)
    for (int64_t at = 0; at < batch * places; at++) {
        int64_t start = at % places * stride;
        const float *rows = x + (at / places * length + start) * channels;
        for (int64_t c = 0; c < channels; c += WIDE) {
            vec top = load(rows + c);
            ivec where = (ivec){0} + (int32_t)start, alike = {0};
            for (int64_t k = 1; k < size; k++) {
                vec value = load(rows + k * channels + c);
                ivec more = (value > top) | (value != value);
                alike = (alike & ~more) | (value == top);
                where = (more & ((ivec){0} + (int32_t)(start + k))) | (~more & where);
                top = pick(more, value, top);
            }
            store(best + at * channels + c, top);
            *(ivec *)(place + at * channels + c) = where;
            for (int k = 0; k < WIDE; k++) ties += alike[k] != 0;
        }
    }
    return ties;
}

/* to[s] += by[e] * from[e][s] over all e; four sums at once hide how long one takes. */
static void add_scaled(float *to, int64_t span, int64_t count, const float *by,
                       const float *const *from) {
    int64_t s = count ? 0 : span; /* nothing to add: `to` may reach beyond the end */
    for (; s + 4 * WIDE <= span; s += 4 * WIDE) {
        float *at = to + s;
        vec a = load(at), b = load(at + WIDE), c = load(at + 2 * WIDE), d = load(at + 3 * WIDE);
        for (int64_t e = 0; e < count; e++) {
            const float *x = from[e] + s;
            a += by[e] * load(x), b += by[e] * load(x + WIDE);
            c += by[e] * load(x + 2 * WIDE), d += by[e] * load(x + 3 * WIDE);
        }
        store(at, a), store(at + WIDE, b), store(at + 2 * WIDE, c), store(at + 3 * WIDE, d);
    }
    for (; s < span; s += WIDE) {
        vec a = load(to + s);
        for (int64_t e = 0; e < count; e++) a += by[e] * load(from[e] + s);
        store(to + s, a);
    }
}

/* Back through a convolution of which only the winners count, d (batch, places, filters) at place.
 * weight, d_weight (filters, span), where span = window * channels is a multiple of 16; x, d_x
 * (batch, length, channels). d_x and d_weight come in as zeros; d_x may be null. */
void winners_backward(int64_t batch, int64_t length, int64_t channels, int64_t span, int64_t places,
                      int64_t filters, const float *x, const float *weight, const float *d,
                      const int32_t *place, float *d_x, float *d_weight) {
    const int64_t each = places * filters;
#pragma omp parallel for schedule(static)
    for (int64_t n = 0; n < (d_x ? batch : 0); n++) {
        const float *own = d + n * each;
        const int32_t *where = place + n * each;
        int32_t *start = calloc(length + 2, sizeof *start);
        const float **from = malloc(each * sizeof *from);
        float *by = malloc(each * sizeof *by);
        for (int64_t e = 0; e < each; e++) start[where[e] + 2] += own[e] != 0.f;
        for (int64_t t = 2; t < length + 2; t++) start[t] += start[t - 1];
        for (int64_t e = 0; e < each; e++) {
            if (own[e] == 0.f) continue;
            int32_t at = start[where[e] + 1]++;
            by[at] = own[e], from[at] = weight + e % filters * span;
        }
        for (int64_t t = 0; t < length; t++)
            add_scaled(d_x + (n * length + t) * channels, span, start[t + 1] - start[t],
                       by + start[t], from + start[t]);
        free(start), free(from), free(by);
    }
#pragma omp parallel for schedule(static)
    for (int64_t f = 0; f < filters; f++) {
        const float **from = malloc(BLOCK * places * sizeof *from);
        float *by = malloc(BLOCK * places * sizeof *by);
        for (int64_t first = 0; first < batch; first += BLOCK) {
            int64_t count = 0, last = first + BLOCK < batch ? first + BLOCK : batch;
            for (int64_t at = first * places; at < last * places; at++)
                if ((by[count] = d[at * filters + f]) != 0.f)
                    from[count++] = x + (at / places * length + place[at * filters + f]) * channels;
            add_scaled(d_weight + f * span, span, count, by, from);
        }
        free(from), free(by);
    }
}
/* Rows of a table, moved as RMSprop does (rho >= 0), as Adagrad (-1), or as plain descent (-2). */
void rows_move(int64_t count, int64_t width, const int64_t *ids, const float *gradient,
               float *table, float *memory, int64_t *steps, int64_t now, float rate, double rho,
               float epsilon) {
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < count; r++) {
        float *w = table + ids[r] * width, *v = memory ? memory + ids[r] * width : 0;
        const float *g = gradient + r * width;
        float keep = 1.f, fresh = 1.f;
        if (rho >= 0) {
            keep = (float)pow(rho, (double)(now - steps[ids[r]])) * (float)rho;
            fresh = (float)(1 - rho);
            steps[ids[r]] = now + 1;
        }
        for (int64_t k = 0; k < width; k++) {
            if (!v) { w[k] -= rate * g[k]; continue; }
            v[k] = v[k] * keep + fresh * g[k] * g[k];
            w[k] -= rate * g[k] / sqrtf(v[k] + epsilon);
        }
    }
}

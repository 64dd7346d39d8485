/** A static batch of equal requests, prefilled together, then decoded together. */
export interface NeuronMeasurement {
  chip: string
  /** Of the catalog, or of `measuredModels`. */
  model: string
  /** Precision that the weights are stored in; arithmetic is bf16. */
  weights: 'bf16' | 'int8'
  /** NeuronCores of the tensor parallelism, two a chip. */
  cores: number
  /** Requests, prompt tokens, output tokens, median time to the first token [ms] and per output token [ms]. */
  rows: [batch: number, prompt: number, output: number, firstToken: number, perToken: number][]
}

/**
 * Transformers NeuronX 2.18 on trn1.32xlarge and inf2.48xlarge: about-neuron/benchmarks of aws-neuron/aws-neuron-sdk, at
 * 81ce03a, 2024. Repeated rows are left out.
 */
export const neuronMeasurements: NeuronMeasurement[] = [
  {
    chip: 'trainium1',
    model: 'llama-3.1-8b',
    weights: 'int8',
    cores: 32,
    rows: [
      [1, 128, 3968, 14.75, 5.86],
      [1, 128, 8064, 17.09, 7.03],
      [1, 4096, 4096, 153, 7.04],
      [8, 128, 3968, 49.05, 7.65],
      [8, 128, 8064, 55.16, 9.95],
      [8, 4096, 4096, 1266, 10.04],
    ],
  },
  {
    chip: 'trainium1',
    model: 'llama-3.1-70b',
    weights: 'bf16',
    cores: 32,
    rows: [
      [1, 128, 128, 52.53, 26.48],
      [1, 128, 1024, 53.2, 24.48],
      [1, 2048, 2048, 547, 26.2],
      [4, 128, 128, 130.4, 28.08],
      [4, 128, 1024, 129.9, 28.38],
      [4, 2048, 2048, 1661, 32.33],
    ],
  },
  {
    chip: 'trainium1',
    model: 'llama-2-7b',
    weights: 'bf16',
    cores: 32,
    rows: [
      [1, 128, 8064, 13.32, 6.7],
      [8, 128, 8064, 66.4, 10.1],
    ],
  },
  {
    chip: 'trainium1',
    model: 'llama-2-13b',
    weights: 'bf16',
    cores: 32,
    rows: [
      [1, 4096, 4096, 864.1, 9.844],
      [1, 8192, 8192, 2368, 13.41],
      [4, 8192, 8192, 4628, 21.09],
      [8, 4096, 4096, 6669, 19.86],
    ],
  },
  {
    chip: 'trainium1',
    model: 'llama-2-70b',
    weights: 'bf16',
    cores: 32,
    rows: [
      [1, 128, 128, 53.91, 25.18],
      [1, 128, 1024, 57.75, 25.45],
      [1, 256, 256, 81.88, 25.27],
      [1, 1024, 1024, 232.5, 26.04],
      [1, 1024, 2048, 236.8, 26.62],
      [1, 2048, 2048, 691, 26.85],
      [4, 128, 128, 156.8, 26.72],
      [4, 128, 1024, 156.7, 27.21],
      [4, 256, 256, 270.2, 26.91],
      [4, 1024, 1024, 1479, 28.55],
      [4, 1024, 2048, 1479, 31.67],
      [4, 2048, 2048, 2722, 31.79],
    ],
  },
  {
    chip: 'trainium1',
    model: 'mistral-7b',
    weights: 'bf16',
    cores: 32,
    rows: [
      [1, 8192, 8192, 1323, 9.892],
      [8, 8192, 8192, 8615, 15.44],
    ],
  },
  {
    chip: 'trainium1',
    model: 'codellama-13b',
    weights: 'bf16',
    cores: 32,
    rows: [
      [1, 4096, 4096, 868.6, 9.865],
      [1, 8192, 8192, 2373, 13.4],
      [4, 8192, 8192, 4626, 21.1],
      [8, 4096, 4096, 6625, 19.92],
    ],
  },
  {
    chip: 'inferentia2',
    model: 'llama-3.1-8b',
    weights: 'int8',
    cores: 24,
    rows: [
      [1, 128, 3968, 25, 6.42],
      [1, 128, 8064, 29.47, 7.41],
      [1, 2048, 2048, 101.8, 6.5],
      [1, 4096, 4096, 209.4, 7.47],
      [8, 128, 3968, 66.02, 10.45],
      [8, 128, 8064, 68.95, 15.22],
      [8, 2048, 2048, 823.5, 10.5],
      [8, 4096, 4096, 1993, 15.31],
    ],
  },
  {
    chip: 'inferentia2',
    model: 'llama-3.1-70b',
    weights: 'bf16',
    cores: 24,
    rows: [
      [1, 128, 128, 77.81, 32.2],
      [1, 128, 1024, 80, 32.47],
      [1, 256, 256, 99.37, 32.48],
      [1, 1024, 1024, 310.2, 33.14],
      [1, 1024, 2048, 312.9, 33.81],
      [1, 2048, 2048, 745.5, 34.67],
    ],
  },
  {
    chip: 'inferentia2',
    model: 'llama-2-7b',
    weights: 'bf16',
    cores: 24,
    rows: [
      [1, 128, 3968, 27.64, 6.47],
      [1, 128, 8064, 29.21, 7.34],
      [8, 128, 3968, 77.36, 12.11],
      [8, 128, 8064, 80.12, 16.39],
    ],
  },
  {
    chip: 'inferentia2',
    model: 'llama-2-13b',
    weights: 'bf16',
    cores: 24,
    rows: [
      [1, 128, 3968, 25.85, 9.166],
      [1, 4096, 4096, 333.8, 10.17],
      [1, 8192, 8192, 994.2, 13.5],
      [4, 8192, 8192, 5141, 21.71],
      [8, 128, 3968, 108.8, 14.9],
      [8, 4096, 4096, 7084, 20.99],
    ],
  },
  {
    chip: 'inferentia2',
    model: 'llama-2-70b',
    weights: 'bf16',
    cores: 24,
    rows: [
      [1, 128, 128, 76.6, 32.9],
      [1, 128, 1024, 76.33, 33.15],
      [1, 256, 256, 96.44, 33.13],
      [1, 1024, 1024, 277, 33.73],
      [1, 1024, 2048, 276, 34.82],
      [1, 2048, 2048, 810.4, 34.9],
    ],
  },
  {
    chip: 'inferentia2',
    model: 'mistral-7b',
    weights: 'bf16',
    cores: 24,
    rows: [
      [1, 128, 3968, 27.34, 6.862],
      [1, 4096, 4096, 558, 7.866],
      [1, 8192, 8192, 539.6, 10.33],
      [8, 128, 3968, 77.62, 11.64],
      [8, 4096, 4096, 4740, 16.55],
      [8, 8192, 8192, 11_090, 18.01],
    ],
  },
  {
    chip: 'inferentia2',
    model: 'codellama-13b',
    weights: 'bf16',
    cores: 24,
    rows: [
      [1, 128, 3968, 27.02, 9.124],
      [1, 4096, 4096, 338.7, 10.15],
      [1, 8192, 8192, 989.5, 13.44],
      [4, 8192, 8192, 5137, 21.67],
      [8, 128, 3968, 115.8, 15.87],
      [8, 4096, 4096, 7116, 22.27],
    ],
  },
]

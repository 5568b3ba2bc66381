/**
 * What a process that torchrun or SLURM started takes of its host, as variables that TensorFlow reads when it is loaded: the GPU
 * of its local rank, unless it was given only its own, and on CPUs its share of the cores. What is set already stays.
 *
 * @param cores that the process may use
 */
export function shareOf(environment: NodeJS.ProcessEnv, cores: number): Record<string, string> {
  const { LOCAL_RANK, LOCAL_WORLD_SIZE, CUDA_VISIBLE_DEVICES: visible } = environment;
  const rank = Number(LOCAL_RANK ?? environment.SLURM_LOCALID);
  if (!Number.isInteger(rank)) return {};
  const gpus = visible?.split(",");
  const gpu = gpus === undefined ? String(rank) : gpus.length > 1 ? gpus[rank] : undefined;
  const threads = String(Math.max(1, Math.floor(cores / Number(LOCAL_WORLD_SIZE ?? 1))));
  return {
    ...(gpu === undefined ? {} : { CUDA_VISIBLE_DEVICES: gpu }),
    TF_NUM_INTRAOP_THREADS: environment.TF_NUM_INTRAOP_THREADS ?? threads,
    TF_NUM_INTEROP_THREADS: environment.TF_NUM_INTEROP_THREADS ?? threads,
  };
}

/**
 * Returns environment variables, read by TensorFlow when it is loaded, that limit a process of torchrun or SLURM to its share of the
 * host: the GPU of its local rank (unless only one GPU is visible to it), and on CPUs its share of the cores. Variables that are already
 * set stay unchanged.
 *
 * @param cores the number of cores that the process may use
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

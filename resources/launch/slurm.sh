#!/bin/bash
# Trains @NAME@. Nodes: @NODES@, devices per node: @DEVICES@.
# Save this as train.sbatch in the folder to which the paths below are relative. It has to be on a
# disk that all nodes share. Then type: sbatch train.sbatch
#SBATCH --job-name=@LABEL@
#SBATCH --nodes=@NODES@
#SBATCH --ntasks-per-node=1           # torchrun on each node, which starts the processes
#SBATCH --gpus-per-node=@DEVICES@
#SBATCH --cpus-per-task=@CPUS@
#SBATCH --time=24:00:00
#SBATCH --signal=TERM@120             # the run is saved two minutes before the time is over
#SBATCH --requeue                     # a requeued job resumes its run
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.log
set -euo pipefail

PYTHON=@PYTHON@  # the Python in which Layerloom is installed

# If the run folder contains a run, this job was started again: the run is resumed.
RUN=@JOBRUN@
set -- @ARGUMENTS@ --run "$RUN"
if [ -e "$RUN/run.json" ]; then
  set -- --run "$RUN" --resume
fi

# On each node, `engine train --devices` is torchrun, PyTorch's launcher (torch.distributed.run).
# The launchers meet at the first node, at a port that no other job there uses.
NODE_0=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
PORT=$((20000 + SLURM_JOB_ID % 10000))
DEVICES=@DEVICES@
export OMP_NUM_THREADS=$((SLURM_CPUS_PER_TASK / DEVICES))

srun --kill-on-bad-exit=1 --cpus-per-task="$SLURM_CPUS_PER_TASK" \
  "$PYTHON" -m engine train "$@" --devices "$DEVICES" --max-restarts @RESTARTS@ \
  --nodes @NODES@ --rendezvous "$NODE_0:$PORT" --rendezvous-timeout 600
# If the time was not enough, continue with: scontrol requeue JOB_ID

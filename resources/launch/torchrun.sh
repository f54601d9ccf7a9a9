# Trains @NAME@. Nodes: @NODES@, devices per node: @DEVICES@.
# With several nodes, type this on each, in a folder that they share; HOST is one of them.
# Each process uses one thread. If a node has more CPU cores than devices, use more.
OMP_NUM_THREADS=1 \
  @PYTHON@ -m torch.distributed.run --nnodes=@NODES@ --nproc-per-node=@DEVICES@ \
  --rdzv-backend=c10d --rdzv-endpoint=@ADDRESS@ --rdzv-id=layerloom --max-restarts=@RESTARTS@ \
  -m -- engine train @ARGUMENTS@ --run @NEWRUN@

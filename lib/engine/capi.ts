import koffi from "koffi";
import { checkVersion, findTensorFlow, mapLibraries } from "./library";
import { platform } from "./platform";

/**
 * TensorFlow's C API, called through koffi: https://www.tensorflow.org/install/lang_c, `tensorflow/c/c_api.h` and
 * `tensorflow/c/eager/c_api.h`. It declares only the functions that the engine uses. The library is loaded on first use.
 */

/** A C pointer. */
export type Pointer = bigint;
/** `TF_Output`: the i-th output of a graph's operation. */
export interface Output {
  oper: Pointer;
  index: number;
}

const DECLARATIONS = {
  version: "const char* TF_Version()",
  newStatus: "void* TF_NewStatus()",
  deleteStatus: "void TF_DeleteStatus(void*)",
  getCode: "int TF_GetCode(void*)",
  message: "const char* TF_Message(void*)",
  newBuffer: "TF_Buffer* TF_NewBuffer()",
  deleteBuffer: "void TF_DeleteBuffer(TF_Buffer*)",

  newContextOptions: "void* TFE_NewContextOptions()",
  contextOptionsSetConfig: "void TFE_ContextOptionsSetConfig(void*, const void*, size_t, void*)",
  listDevices: "void* TFE_ContextListDevices(void*, void*)",
  deleteDevices: "void TF_DeleteDeviceList(void*)",
  deviceCount: "int TF_DeviceListCount(void*)",
  deviceName: "const char* TF_DeviceListName(void*, int, void*)",
  deviceType: "const char* TF_DeviceListType(void*, int, void*)",
  deviceMemory: "int64_t TF_DeviceListMemoryBytes(void*, int, void*)",
  deleteContextOptions: "void TFE_DeleteContextOptions(void*)",
  newContext: "void* TFE_NewContext(void*, void*)",
  contextAddFunction: "void TFE_ContextAddFunction(void*, void*, void*)",
  enableCollectiveOps: "void TFE_EnableCollectiveOps(void*, const void*, size_t, void*)",
  contextRemoveFunction: "void TFE_ContextRemoveFunction(void*, const char*, void*)",

  newTensor: "void* TF_NewTensor(int, const int64_t*, int, void*, size_t, void*, void*)",
  allocateTensor: "void* TF_AllocateTensor(int, const int64_t*, int, size_t)",
  tensorData: "void* TF_TensorData(void*)",
  tensorByteSize: "size_t TF_TensorByteSize(void*)",
  tensorSize: "int64_t TF_TensorElementCount(void*)",
  stringInit: "void TF_StringInit(void*)",
  stringCopy: "void TF_StringCopy(void*, const void*, size_t)",
  stringSize: "size_t TF_StringGetSize(void*)",
  stringData: "void* TF_StringGetDataPointer(void*)",
  deleteTensor: "void TF_DeleteTensor(void*)",

  newHandle: "void* TFE_NewTensorHandle(void*, void*)",
  copyHandle: "void* TFE_TensorHandleCopySharingTensor(void*, void*)",
  deleteHandle: "void TFE_DeleteTensorHandle(void*)",
  handleDevice: "const char* TFE_TensorHandleBackingDeviceName(void*, void*)",
  handleType: "int TFE_TensorHandleDataType(void*)",
  handleRank: "int TFE_TensorHandleNumDims(void*, void*)",
  handleDim: "int64_t TFE_TensorHandleDim(void*, int, void*)",
  resolveHandle: "void* TFE_TensorHandleResolve(void*, void*)",

  newOp: "void* TFE_NewOp(void*, const char*, void*)",
  deleteOp: "void TFE_DeleteOp(void*)",
  opAddInput: "void TFE_OpAddInput(void*, void*, void*)",
  opAddInputList: "void TFE_OpAddInputList(void*, void**, int, void*)",
  opSetString: "void TFE_OpSetAttrString(void*, const char*, const void*, size_t)",
  opSetInt: "void TFE_OpSetAttrInt(void*, const char*, int64_t)",
  opSetFloat: "void TFE_OpSetAttrFloat(void*, const char*, float)",
  opSetBool: "void TFE_OpSetAttrBool(void*, const char*, uchar)",
  opSetType: "void TFE_OpSetAttrType(void*, const char*, int)",
  opSetShape: "void TFE_OpSetAttrShape(void*, const char*, const int64_t*, int, void*)",
  opSetIntList: "void TFE_OpSetAttrIntList(void*, const char*, const int64_t*, int)",
  execute: "void TFE_Execute(void*, _Inout_ void**, _Inout_ int*, void*)",

  newGraph: "void* TF_NewGraph()",
  deleteGraph: "void TF_DeleteGraph(void*)",
  graphGetOpDef: "void TF_GraphGetOpDef(void*, const char*, TF_Buffer*, void*)",
  graphRank: "int TF_GraphGetTensorNumDims(void*, TF_Output, void*)",
  graphShape: "void TF_GraphGetTensorShape(void*, TF_Output, _Out_ int64_t*, int, void*)",
  outputType: "int TF_OperationOutputType(TF_Output)",
  newOperation: "void* TF_NewOperation(void*, const char*, const char*)",
  operationToNodeDef: "void TF_OperationToNodeDef(void*, TF_Buffer*, void*)",
  finishOperation: "void* TF_FinishOperation(void*, void*)",
  addInput: "void TF_AddInput(void*, TF_Output)",
  addInputList: "void TF_AddInputList(void*, TF_Output*, int)",
  setString: "void TF_SetAttrString(void*, const char*, const void*, size_t)",
  setInt: "void TF_SetAttrInt(void*, const char*, int64_t)",
  setFloat: "void TF_SetAttrFloat(void*, const char*, float)",
  setBool: "void TF_SetAttrBool(void*, const char*, uchar)",
  setType: "void TF_SetAttrType(void*, const char*, int)",
  setShape: "void TF_SetAttrShape(void*, const char*, const int64_t*, int)",
  setIntList: "void TF_SetAttrIntList(void*, const char*, const int64_t*, int)",
  setTensor: "void TF_SetAttrTensor(void*, const char*, void*, void*)",
  graphToFunction:
    "void* TF_GraphToFunction(void*, const char*, uchar, int, void**, int, TF_Output*, int, TF_Output*, const char**, void*, const char*, void*)",
  newBufferFromString: "TF_Buffer* TF_NewBufferFromString(const void*, size_t)",
  newSessionOptions: "void* TF_NewSessionOptions()",
  deleteSessionOptions: "void TF_DeleteSessionOptions(void*)",
  newSession: "void* TF_NewSession(void*, void*, void*)",
  closeSession: "void TF_CloseSession(void*, void*)",
  deleteSession: "void TF_DeleteSession(void*, void*)",
  sessionRun:
    "void TF_SessionRun(void*, void*, TF_Output*, void**, int, TF_Output*, _Out_ void**, int, void*, int, void*, void*)",
  deleteFunction: "void TF_DeleteFunction(void*)",
} as const;

/** A function of the C library. Its arguments are as declared above; koffi checks them at run time. */
// biome-ignore lint/suspicious/noExplicitAny: DECLARATIONS holds the C signatures; TypeScript's types do not
type CFunction = ((...args: any[]) => any) & { async: (...args: any[]) => void };

/** The functions of the C API by name. */
export type CApi = Record<keyof typeof DECLARATIONS, CFunction> & {
  /** Copies bytes of a typed array to a C address. */
  copyIn: CFunction;
  /** Copies bytes at a C address into a typed array. */
  copyOut: CFunction;
  alignedAlloc: CFunction;
  free: CFunction;
  /** A C function without visible effects for any arguments. */
  doNothing: Pointer;
  /** Returns the bytes of a `TF_Buffer*`. */
  bufferBytes(buffer: Pointer): Buffer;
};

function load(): CApi {
  const folder = findTensorFlow();
  const tensorflow = mapLibraries(folder);
  checkVersion(tensorflow.func(DECLARATIONS.version)(), folder);
  const c = koffi.load(platform().libc);
  koffi.struct("TF_Output", { oper: "void*", index: "int" });
  const buffer = koffi.struct("TF_Buffer", { data: "void*", length: "size_t", deallocator: "void*" });
  const functions = Object.fromEntries(
    Object.entries(DECLARATIONS).map(([name, declaration]) => [name, tensorflow.func(declaration)]),
  );
  return {
    ...functions,
    copyIn: c.func("void* memcpy(void*, const void*, size_t)"),
    alignedAlloc: c.func("void* aligned_alloc(size_t, size_t)"),
    free: c.func("void free(void*)"),
    doNothing: c.func("void* dlsym(void*, const char*)")(null, "getpid"),
    copyOut: c.func("void* memcpy(_Out_ void*, void*, size_t)"),
    bufferBytes: (pointer: Pointer) => {
      const { data, length } = koffi.decode(pointer, buffer);
      return Buffer.from(koffi.decode(data, "uint8_t", Number(length)));
    },
  } as unknown as CApi;
}

let loaded: CApi | undefined;

/** Returns the C API; the first call loads it. @throws TensorFlowNotFound */
export function capi(): CApi {
  loaded ??= load();
  return loaded;
}

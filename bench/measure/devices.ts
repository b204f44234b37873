/** What computes: as the adapter names itself. */
export interface AdapterName {
  vendor: string;
  architecture: string;
  device: string;
  description: string;
  /** Whether a processor plays the GPU. */
  software: boolean;
}

/** Keeps every device that is requested from now on. */
export function watchDevices(): GPUDevice[] {
  const devices: GPUDevice[] = [];
  const prototype: {
    requestDevice: (this: GPUAdapter, d?: GPUDeviceDescriptor) => Promise<GPUDevice>;
  } = GPUAdapter.prototype;
  const original = prototype.requestDevice;
  prototype.requestDevice = async function (descriptor) {
    const device = await original.call(this, descriptor);
    devices.push(device);
    return device;
  };
  return devices;
}

export function nameOf({ adapterInfo }: GPUDevice): AdapterName {
  const { vendor, architecture, device, description, isFallbackAdapter } = adapterInfo;
  const named = `${vendor} ${architecture} ${device} ${description}`;
  const software =
    isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(named);
  return { vendor, architecture, device, description, software };
}

/** Waits until no device has any work left. */
export const settle = (devices: readonly GPUDevice[]) =>
  Promise.all(devices.map((device) => device.queue.onSubmittedWorkDone()));

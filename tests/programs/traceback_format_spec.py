print(f"{3.14159:.2f} {255:#x} {'a':>3}")
print(f"{'text':+d}")
